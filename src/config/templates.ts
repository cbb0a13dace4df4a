/**
 * The template words of workers.yaml: exactly `{program}`, `{worker}`, `{index}` and `{index:02}`; every other brace stays as it is.
 */
export interface TemplateWords {
  program: string;
  worker: string;
  index: number;
}

/** Fills the words in. `{index:0N}` pads with zeros to N digits. */
export function fillTemplate(template: string, words: TemplateWords): string {
  return template.replaceAll(
    /\{(program|worker|index)\}|\{index:0([1-9])\}/g,
    (_, word: string | undefined, width: string) => {
      if (word === 'program') return words.program;
      if (word === 'worker') return words.worker;
      return word === 'index' ? String(words.index) : String(words.index).padStart(Number(width), '0');
    },
  );
}

/** Whether the template gives another text for another index. */
export function variesByIndex(template: string): boolean {
  return /\{(?:worker|index|index:0[1-9])\}/.test(template);
}
