/** What a field of the inputs form stands for. */
export interface Field {
  name: string
  names: string[]
  element: HTMLInputElement | HTMLSelectElement
}

export function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]')].map((element) => ({
    name: element.name,
    names: [element.name, ...(element.dataset['names']?.split(' ') ?? [])].map((name) => name.toLowerCase()),
    element,
  }))
}

/**
 * Takes the values of a link into the fields. They are text from anywhere: they are shown, checked by the field's
 * type, and never run. An alert template that put its query after the fragment (`#step?x=y`) is mended.
 */
export function takeFromAddress(fields: readonly Field[], secrets: readonly string[]): string | undefined {
  const url = new URL(location.href)
  const [fragment = '', late] = url.hash.split('?')
  const parameters = new URLSearchParams(url.search)
  for (const [name, value] of new URLSearchParams(late)) parameters.append(name, value)
  let leaked: string | undefined
  for (const [key, value] of Array.from(parameters)) {
    const field = fields.find(({ names }) => names.includes(key.toLowerCase()))
    if (field) setValue(field, value)
    else if (secrets.includes(key.toLowerCase())) {
      leaked = key
      parameters.delete(key)
    }
  }
  if (late !== undefined || leaked !== undefined) {
    url.search = parameters.toString()
    url.hash = fragment
    history.replaceState(null, '', url)
    if (late !== undefined) location.replace(url.hash)
  }
  return leaked
}

function setValue({ element }: Field, value: string): void {
  if (
    element instanceof HTMLSelectElement &&
    ![...element.options].some((option) => option.value === value)
  ) {
    const option = new Option(value, value)
    element.add(option)
    element.setCustomValidity('not one of the choices')
  }
  element.value = value.slice(0, 2000)
}

/** Puts the values into the address, so that it can be shared; what else it says is kept. */
export function putIntoAddress(fields: readonly Field[]): void {
  const url = new URL(location.href)
  for (const { name, names, element } of fields) {
    for (const key of Array.from(url.searchParams.keys()))
      if (names.includes(key.toLowerCase())) url.searchParams.delete(key)
    const fallback = element.dataset['default'] ?? ''
    if (element.value !== '' && element.value !== fallback) url.searchParams.set(name, element.value)
  }
  history.replaceState(null, '', url)
}
