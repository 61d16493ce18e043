/** Makes names that are unique within one document. */
export class DraftNames {
  readonly #ids = new Set<string>()
  readonly #variables = new Set<string>()

  /** The id of a step: lower-case words joined by hyphens. */
  id(text: string): string {
    return unique(idOf(text), '-', this.#ids)
  }

  /** The name of an input or an output, which share one list. */
  variable(text: string): string {
    return unique(variableOf(text), '_', this.#variables)
  }
}

function idOf(text: string): string {
  const words = wordsOf(text).join('-').slice(0, 60).replace(/-+$/, '')
  return words === '' ? 'step' : /^[a-z]/.test(words) ? words : `step-${words}`
}

/** `InstanceIds` is `instance_ids`. */
export function variableOf(text: string): string {
  const words = wordsOf(text).join('_').slice(0, 60).replace(/_+$/, '')
  return words === '' ? 'value' : /^[a-z]/.test(words) ? words : `value_${words}`
}

function wordsOf(text: string): string[] {
  return text
    .normalize('NFKD')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

function unique(name: string, joint: string, taken: Set<string>): string {
  let own = name
  for (let count = 2; taken.has(own); count++) own = `${name}${joint}${count}`
  taken.add(own)
  return own
}
