/** An option of a command, such as `-i` or `--no-input`. */
const option = /(?<![^\s([|=,"'])(-{1,2}[A-Za-z][\w-]*)/
const options = new RegExp(option, 'g')
const inlineCode = /(?<!<pre[^>]*>)<code>([^<]*)<\/code>/g
/** Keys that are pressed together, in text outside tags. */
const keys = /(?<=>[^<]*)\bCtrl-[A-Z]\b/g
/** The longest option that a phone has room for, in a line or in a cell of a table. */
const most = 27

/** A text of code, cut so that each second part is an option, which is not broken after one of its hyphens. */
export function cutAtOptions(text: string): string[] {
  return text.split(option)
}

/** The class of an option: a long one begins on a line of its own, and is broken where it is longer than that. */
export function optionClass(words: string): string {
  return words.length > most ? 'option long' : 'option'
}

/** Escaped text of code in which options are kept whole. */
export function wrapOptions(escaped: string): string {
  return escaped.replaceAll(options, (words) => `<span class="${optionClass(words)}">${words}</span>`)
}

/** Markup in which keys are kept whole, and options in the code within its text. Blocks of code are unchanged. */
export function keepOptionsWhole(markup: string): string {
  return markup
    .replaceAll(inlineCode, (_, text: string) => `<code>${wrapOptions(text)}</code>`)
    .replaceAll(keys, '<span class="option">$&</span>')
}
