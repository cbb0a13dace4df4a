/**
 * Words that stand for `{index}`, `{program}` and `${VAR}` while a value goes through supervisord's expansion and splitting, so that they can
 * be found again in what comes out: letters and digits only, which no quoting rule touches.
 */
export class Markers {
  readonly #seed: string;
  readonly #texts: string[] = [];

  /** `texts`: everything that was read; no marker occurs in it. */
  constructor(texts: readonly string[]) {
    let seed = 'Qz';
    while (texts.some((text) => text.includes(seed))) seed += 'qZ';
    this.#seed = seed;
  }

  /** The word that stands for `text`. */
  mark(text: string): string {
    const known = this.#texts.indexOf(text);
    const index = known < 0 ? this.#texts.push(text) - 1 : known;
    return `${this.#seed}${index}${this.#seed}`;
  }

  /** As written in workers.yaml: the words give way to their texts, and `${` of others is escaped. */
  written(marked: string): string {
    const parts = marked.split(new RegExp(`${this.#seed}(\\d+)${this.#seed}`));
    return parts
      .map((part, at) => (at % 2 === 1 ? (this.#texts[Number(part)] ?? '') : part.replaceAll('${', () => '$${')))
      .join('');
  }
}
