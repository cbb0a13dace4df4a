"""What supervisor's own option parser makes of configurations: JSON on stdin, JSON on stdout."""
import io
import json
import os
import platform
import shlex
import sys
import tempfile
import warnings

import supervisor.options as options

warnings.simplefilter("ignore")


class Refused(Exception):
    pass


# Users and directories of another machine: names stand for themselves, every directory is there.
options.name_to_uid = lambda name: name
options.gid_for_uid = lambda uid: 0
options.existing_directory = lambda path: path
options.existing_dirpath = lambda path: os.path.expanduser(path)
import supervisor.datatypes as datatypes  # noqa: E402

datatypes.existing_dirpath = options.existing_dirpath
platform.node = lambda: "box"
options.colon_separated_user_group = lambda _: (0, 0)


def log(process, stream):
    path = getattr(process, stream + "_logfile")
    if path is None and not getattr(process, stream + "_syslog"):
        path = "none"
    return {
        "path": None if path in (None, options.Automatic) else path,
        "maxBytes": getattr(process, stream + "_logfile_maxbytes"),
        "backups": getattr(process, stream + "_logfile_backups"),
    }


def row(group, process, server):
    return {
        "group": group.name,
        "name": process.name,
        "argv": shlex.split(process.command),
        "environment": process.environment,
        "directory": process.directory,
        "user": process.uid or server.user,
        "umask": process.umask,
        "priority": process.priority,
        "autostart": process.autostart,
        "autorestart": getattr(process.autorestart, "__name__", process.autorestart),
        "startsecs": process.startsecs,
        "startretries": process.startretries,
        "stopsignal": int(process.stopsignal),
        "stopwaitsecs": process.stopwaitsecs,
        "exitcodes": process.exitcodes,
        "redirectStderr": process.redirect_stderr,
        "stdout": log(process, "stdout"),
        "stderr": log(process, "stderr"),
    }


def realize(case):
    os.environ.clear()
    os.environ.update(case["env"])
    server = options.ServerOptions()

    def usage(message):
        raise Refused(str(message))

    server.usage = usage
    # Plugins are not installed here.
    server.get_plugins = lambda *_: []
    server.import_spec = lambda spec: spec
    main = case["files"][0]
    wrapper = None
    if "[supervisord]" not in open(main, "rb").read().decode("utf-8", "replace"):
        with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as wrapper:
            wrapper.write("[supervisord]\n[include]\nfiles = %s\n" % " ".join(name.replace(" ", "?") for name in case["files"]))
        main = wrapper.name
    try:
        server.realize(["-c", main], "doc", "supervisord")
        groups = [group for group in server.process_group_configs if type(group) is options.ProcessGroupConfig]
        return {
            "nodaemon": bool(server.nodaemon),
            "directory": server.directory,
            "umask": server.umask,
            "groups": {group.name: group.priority for group in groups},
            "processes": [row(group, process, server) for group in groups for process in group.process_configs if type(process) is options.ProcessConfig],
        }
    except (Refused, ValueError, KeyError) as error:
        return {"error": str(error)}
    except Exception as error:  # A file without a section header ends supervisord with a traceback.
        return {"error": type(error).__name__ + ": " + str(error)}
    finally:
        if wrapper is not None:
            os.unlink(wrapper.name)


kept = dict(os.environ)
answers = [realize(case) for case in json.load(sys.stdin)]
os.environ.update(kept)
json.dump(answers, sys.stdout)
