/** A bar of a share of a ceiling, in eighths of a character where the locale allows block characters. */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** `width` columns, filled to `share` (0…1; above 1 is full, null is empty); ASCII is `####----`. */
export function bar(share: number | null, width: number, unicode: boolean): string {
  const bounded = share === null || Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
  if (!unicode) {
    const filled = Math.round(bounded * width);
    return '#'.repeat(filled) + '-'.repeat(width - filled);
  }
  const eighths = Math.round(bounded * width * 8);
  const full = Math.floor(eighths / 8);
  const text = '█'.repeat(full) + (EIGHTHS[eighths % 8] ?? '');
  return text + '░'.repeat(width - text.length);
}
