// A terminal capture with colours (`tmux capture-pane -pe`) on stdin becomes an SVG on stdout: the README's picture.
//   tmux new-session -d -s demo -x 96 -y 30 'npm start' ; … ; tmux capture-pane -t demo -pe | node docs/terminal-svg.mjs > docs/terminal.svg
import { readFileSync } from 'node:fs';

const COLOURS = ['#586069', '#f97583', '#85e89d', '#ffea7f', '#79b8ff', '#b392f0', '#76e3ea', '#d1d5da'];
const [CELL, LINE, MARGIN] = [8.4, 18, 14];
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const styled = (codes, style) => {
  let next = style;
  for (const code of codes.map(Number)) {
    if (code === 0) next = {};
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code >= 30 && code <= 37) next = { ...next, colour: COLOURS[code - 30] };
    else if (code >= 90 && code <= 97) next = { ...next, colour: COLOURS[code - 90] };
    else if (code === 39) next = { ...next, colour: undefined };
  }
  return next;
};

let style = {};
const draw = (line, row) => {
  let column = 0;
  const parts = [];
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part);
    if (codes !== null) style = styled((codes[1] || '0').split(';'), style);
    else if (part !== '') {
      const look = `fill="${style.colour ?? '#d1d5da'}"${style.bold ? ' font-weight="bold"' : ''}${style.dim ? ' opacity="0.6"' : ''}`;
      const width = (part.length * CELL).toFixed(1);
      parts.push(
        `<text x="${(MARGIN + column * CELL).toFixed(1)}" y="${MARGIN + (row + 1) * LINE - 5}" textLength="${width}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" ${look}>${escape(part)}</text>`,
      );
      column += part.length;
    }
  }
  return parts.join('');
};

const lines = readFileSync(0, 'utf8').replace(/\n+$/, '').split('\n');
const plain = lines.map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, ''));
const width = Math.ceil(Math.max(...plain.map((line) => line.length)) * CELL + 2 * MARGIN);
const height = lines.length * LINE + 2 * MARGIN;
process.stdout.write(
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">` +
    `<rect width="100%" height="100%" rx="8" fill="#1f2428"/>${lines.map(draw).join('\n')}</svg>\n`,
);
