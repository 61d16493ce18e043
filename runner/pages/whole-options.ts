/** An option of a command, such as `-i` or `--no-input`, and no longer than a phone has room for. */
const option = /(?<![^\s([|=,])(-{1,2}[A-Za-z][\w-]{0,25}(?![\w-]))/
const options = new RegExp(option, 'g')
const inlineCode = /(?<!<pre[^>]*>)<code>([^<]*)<\/code>/g

/** A text of code, cut so that each second part is an option, which is not broken after one of its hyphens. */
export function cutAtOptions(text: string): string[] {
  return text.split(option)
}

/** Markup in which options are kept whole in the code within its text. Blocks of code are unchanged. */
export function keepOptionsWhole(markup: string): string {
  return markup.replaceAll(
    inlineCode,
    (_, text: string) => `<code>${text.replaceAll(options, '<span class="option">$1</span>')}</code>`,
  )
}
