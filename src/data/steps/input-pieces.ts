import type { InputSpec } from '../../../runner/model/values/input-types.ts'

/** A piece of a text: words, or the name of an input whose value replaces it. */
export type Piece = { text: string } | { name: string }

/** Cuts a text at its templates of inputs. */
export function pieces(text: string, names: readonly string[]): Piece[] {
  return text.split(/(\$\{\{\s*inputs\.[a-z][a-z0-9_]*\s*\}\})/).flatMap((part, at): Piece[] => {
    const name = at % 2 === 1 ? /inputs\.(\w+)/.exec(part)?.[1] : undefined
    if (name !== undefined && names.includes(name)) return [{ name }]
    return part === '' ? [] : [{ text: part }]
  })
}

/** The inputs whose values a page may show: all but secrets. */
export function fillable(inputs: Readonly<Record<string, InputSpec>>): string[] {
  return Object.keys(inputs).filter((name) => inputs[name]?.type !== 'secret')
}
