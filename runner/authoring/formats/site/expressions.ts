import { shellFence } from '../../../model/text/shell/shell-fence.ts'
import type { Line } from './block.ts'

/** A value that only the generator of the site knows: `{{< param "version" >}}`, `{{ site.version }}`, `{{ page.x }}`. */
const value = /\{\{(?:[<%]\s*([a-z][^<>{}%]*?)\s*[>%]|\s*((?:site|page)\.[\w.-]+)\s*)\}\}/gi

/** The lines of a fence. In one of a shell, a value of the generator is a placeholder, for which a run has an input. */
export function valuesAsInputs(fence: readonly Line[]): Line[] {
  const [opening, ...rest] = fence
  const [, lang, meta] = /[`~]{3,}[\t ]*(\S+)?[\t ]*(.*)$/.exec(opening?.text ?? '') ?? []
  if (!opening || !shellFence({ lang, meta })) return [...fence]
  return [
    opening,
    ...rest.map((line) => ({
      ...line,
      text: line.text.replaceAll(value, (_, shortcode?: string, variable?: string) =>
        placeholder(shortcode ?? variable ?? ''),
      ),
    })),
  ]
}

function placeholder(expression: string): string {
  const words = expression
    .replace(/^param\s+/, '')
    .replaceAll(/[^\p{L}\p{N}_.-]+/gu, ' ')
    .trim()
  return `<${words.slice(0, 58).trim()}>`
}
