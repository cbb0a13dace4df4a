/**
 * What `diagnose` finds out. camelCase; bytes end in `Bytes`, times are RFC 3339; what cannot be known is null and never 0
 * (docs/design.md, section 9). Everything here is data: the conclusion follows from it alone (conclude.ts).
 */
import type { HostLine } from '../linux/vmstat.ts';

export interface ProcessFacts {
  pid: number;
  startedAt: string | null;
  ageSeconds: number | null;
  user: string | null;
  uid: number | null;
  /** Secrets masked. */
  command: string[];
  executable: string | null;
  directory: string | null;
  parent: { pid: number; name: string | null } | null;
  /** Of this program and its arguments, as far as they can be told; false: it is no PHP. */
  isPhp: boolean;
  phpVersion: string | null;
}

export type Kind = 'zend' | 'brk' | 'anonymous' | 'stack' | 'file' | 'shared' | 'other';

/** Resident and swapped bytes by kind. `zend` is 0 and `anonymous` holds it where the heap cannot be read (`zendWhy` says why). */
export type MemoryByKind = Record<Kind, number>;

export interface GrownMapping {
  kind: Kind;
  /** File, `[heap]`, or addresses. */
  what: string;
  fromBytes: number;
  toBytes: number;
}

export interface MemoryFacts {
  before: MemoryByKind | null;
  after: MemoryByKind | null;
  /** Largest first; those of one file together. */
  grown: GrownMapping[];
  /** How much of its address space is shared memory, resident or not; null: its mappings are not known. */
  mappedShared: { fromBytes: number; toBytes: number } | null;
  /** The most that was ever resident at once (VmHWM). */
  peakRssBytes: number | null;
  /** Why mappings are not known; null where they are. */
  why: string | null;
  /** Why the Zend heap is not known; null where it is. */
  zendWhy: string | null;
}

/** One reading in the window. */
export interface Tick {
  seconds: number;
  rssBytes: number | null;
  anonBytes: number | null;
  swapBytes: number | null;
  /** Resident shared memory: segments, files of a tmpfs, mappings that others see, too. Not in `anonBytes`. */
  sharedBytes: number | null;
  zendUsedBytes: number | null;
  zendRealBytes: number | null;
  /** Of all descendants together. */
  helperBytes: number;
  /** How many it has open. */
  descriptors: number | null;
  userPercent: number | null;
  systemPercent: number | null;
  /** Cumulative, by the gate; null without one. */
  acknowledged: number | null;
}

export interface CpuFacts {
  userPercent: number | null;
  systemPercent: number | null;
  voluntarySwitchesPerSecond: number | null;
  involuntarySwitchesPerSecond: number | null;
  minorFaultsPerSecond: number | null;
  majorFaultsPerSecond: number | null;
  threads: number | null;
}

/** What it does while it does not run, most often first; shares of the readings. */
export interface WaitFacts {
  share: number;
  /** `running`, a system call with what it is on, or the kernel's wait channel. */
  text: string;
}

export interface OomFacts {
  score: number | null;
  scoreAdj: number | null;
  /** Its place among all processes, 1: the kernel would kill it first. */
  place: number | null;
  first: { pid: number; name: string; score: number } | null;
}

export type DescriptorKind = 'socket' | 'pipe' | 'file' | 'other';

/** Descriptors of which there are more at the end of the window than at its begin. */
export interface MoreDescriptors {
  kind: DescriptorKind;
  /** `connection to 127.0.0.1:5672`, a path, `eventpoll`. */
  what: string;
  count: number;
  /** Of them, closed by the other side already. */
  halfClosed: number;
}

/** Their number over time is in the timeline. */
export interface DescriptorFacts {
  /** Why it is not known what they are on; null where it is. */
  why: string | null;
  /** The most that it may have; null: not known. */
  limit: number | null;
  /** At the end. */
  open: Record<DescriptorKind, number> | null;
  /** Most first. */
  more: MoreDescriptors[];
}

export interface HelperFacts {
  pid: number;
  name: string;
  /** Secrets masked. */
  command: string;
  fromBytes: number | null;
  toBytes: number | null;
}

export interface ExtensionFacts {
  name: string;
  /** Null: built into PHP. */
  file: string | null;
  version: string | null;
  /** Null, or why the version is not known. */
  why: string | null;
}

export interface FaultsOf {
  /** A shared object's file name. */
  object: string;
  path: string;
  /** The extension that called it most often, by file; itself where it is one; null: none was on the way. */
  extension: string | null;
  faults: number;
  /** Of all faults, 0…1. */
  share: number;
}

export interface FaultChain {
  faults: number;
  /** Leaf first: `function (object)`. */
  frames: string[];
}

export interface FaultFacts {
  /** Why perf told nothing; null where it did. */
  why: string | null;
  total: number;
  samples: number;
  /** By the object held responsible: the first that is no C library, from the leaf up. */
  objects: FaultsOf[];
  chains: FaultChain[];
}

export type ZendVisible = 'yes' | 'no' | 'mixed';

export interface Advisory {
  id: string;
  extension: string;
  /** As written, e.g. `>=9.0.2 <9.7.0`. */
  affected: string;
  fixed: string | null;
  symptom: string;
  /** What it grows by: `exception`, `curl handle`, … */
  per: string | null;
  zend: ZendVisible;
  /** The process that leaks is a child, by name; null: the worker itself. */
  helper: string | null;
  remedy: string;
  link: string;
  /** When its source was read and found to say this (2026-11-26); `no`: the source does not confirm the versions; null: nobody said. */
  checked: string | null;
}

/** An advisory that is about an extension this process has loaded, in a version it affects. */
export interface AdvisoryMatch {
  advisory: Advisory;
  /** Null: the version is not known, so it may or may not be affected. */
  version: string | null;
}

/** What a controller knows of it; null where none has it. */
export interface Managed {
  worker: string;
  program: string;
  trend: 'flat' | 'warmingUp' | 'sawtooth' | 'leaking' | 'unknown';
  growthBytesPerMinute: number | null;
  growthBytesPerMessage: number | null;
  inFlight: number | null;
  softBytes: number | null;
  hardBytes: number | null;
}

/** What looking cost, and what of it the worker could feel. */
export interface OverheadFacts {
  /** Our own processor time in the window. */
  ownCpuMs: number;
  /** Wall time spent reading /proc. */
  readMs: number;
  readings: number;
  /** The two readings of all mappings, which hold its mmap lock. */
  smapsMs: number;
  perfSamples: number | null;
}

export interface DiagnosisEvidence {
  /** Of this format. */
  format: 1;
  takenAt: string;
  /** Of the window; shorter than asked for where the process ended in it. */
  seconds: number;
  askedSeconds: number;
  /** Whether the process lived through the window. */
  survived: boolean;
  process: ProcessFacts;
  managed: Managed | null;
  memory: MemoryFacts;
  cpu: CpuFacts;
  waits: WaitFacts[];
  stack: string[] | null;
  host: HostLine | null;
  oom: OomFacts;
  helpers: HelperFacts[];
  descriptors: DescriptorFacts;
  extensions: ExtensionFacts[];
  advisories: AdvisoryMatch[];
  faults: FaultFacts;
  timeline: Tick[];
  overhead: OverheadFacts;
  /** Sentences: what could not be looked at, and what that means. */
  notes: string[];
}

export interface Growth {
  totalBytesPerMinute: number | null;
  zendBytesPerMinute: number | null;
  nativeBytesPerMinute: number | null;
  sharedBytesPerMinute: number | null;
  helperBytesPerMinute: number | null;
  descriptorsPerMinute: number | null;
  bytesPerMessage: number | null;
}

/** A reason to believe (weight above 0) or to doubt. */
export interface Because {
  text: string;
  weight: number;
}

export interface Conclusion {
  kind: 'zend' | 'native' | 'shared' | 'helper' | 'descriptors' | 'growth-normal' | 'none' | 'unknown';
  /** The shared object or extension held responsible. */
  module: string | null;
  /** 0…1. */
  confidence: number;
  text: string;
  because: Because[];
  remedy: string[];
}

export interface Diagnosis extends DiagnosisEvidence {
  growth: Growth;
  conclusion: Conclusion;
}
