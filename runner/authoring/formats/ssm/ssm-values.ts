import { isRecord } from '../../../model/values/json.ts'

/** How a value of an Automation document is read: its variable, and whether that holds a list or JSON. */
export interface SsmVariable {
  name: string
  shape: 'json' | 'list' | 'text'
}

export type ResolveSsm = (reference: string) => SsmVariable

export const ssmTemplate = /\{\{\s*([\w.:-]+)\s*\}\}/g

/** A value as a program of jq, which reads variables from its environment: no value becomes part of a script. */
export function jqValue(value: unknown, resolve: ResolveSsm): string {
  if (typeof value === 'string') return jqText(value, resolve)
  if (Array.isArray(value)) {
    const [only] = value
    // A list with one reference to a list is that list.
    if (value.length === 1 && typeof only === 'string' && wholeReference(only, resolve)?.shape === 'list')
      return jqText(only, resolve)
    return `[${value.map((item) => jqValue(item, resolve)).join(', ')}]`
  }
  if (!isRecord(value)) return JSON.stringify(value ?? null)
  const members = Object.entries(value).map(
    ([name, one]) => `${JSON.stringify(name)}: ${jqValue(one, resolve)}`,
  )
  return `{${members.join(', ')}}`
}

function wholeReference(text: string, resolve: ResolveSsm): SsmVariable | undefined {
  const inner = /^\s*\{\{\s*([\w.:-]+)\s*\}\}\s*$/.exec(text)?.[1]
  return inner === undefined ? undefined : resolve(inner)
}

function jqText(text: string, resolve: ResolveSsm): string {
  const whole = wholeReference(text, resolve)
  if (whole) {
    const read = `$ENV.${whole.name}`
    return whole.shape === 'list'
      ? `(${read} | split(","))`
      : whole.shape === 'json'
        ? `(${read} | fromjson)`
        : read
  }
  return templateParts(text)
    .map((part) =>
      'reference' in part
        ? String.raw`\($ENV.${resolve(part.reference).name})`
        : JSON.stringify(part.text).slice(1, -1),
    )
    .join('')
    .replace(/^[\s\S]*$/, (inner) => `"${inner}"`)
}

/** The same value in Python. */
export function pythonValue(value: unknown, resolve: ResolveSsm): string {
  if (Array.isArray(value)) return `[${value.map((item) => pythonValue(item, resolve)).join(', ')}]`
  if (isRecord(value)) {
    const members = Object.entries(value).map(
      ([name, one]) => `${JSON.stringify(name)}: ${pythonValue(one, resolve)}`,
    )
    return `{${members.join(', ')}}`
  }
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return 'None'
  const whole = wholeReference(value, resolve)
  if (whole) {
    const read = `os.environ[${JSON.stringify(whole.name)}]`
    return whole.shape === 'list'
      ? `${read}.split(",")`
      : whole.shape === 'json'
        ? `json.loads(${read})`
        : read
  }
  const parts = templateParts(value).map((part) =>
    'reference' in part
      ? `os.environ[${JSON.stringify(resolve(part.reference).name)}]`
      : JSON.stringify(part.text),
  )
  return parts.length === 0 ? '""' : parts.join(' + ')
}

function templateParts(text: string): ({ text: string } | { reference: string })[] {
  return text
    .split(/(\{\{\s*[\w.:-]+\s*\}\})/)
    .filter((part) => part !== '')
    .map((part) => {
      const reference = /^\{\{\s*([\w.:-]+)\s*\}\}$/.exec(part)?.[1]
      return reference === undefined ? { text: part } : { reference }
    })
}

/** A text in single quotes of the shell. */
export function inSingleQuotes(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** `DescribeDBInstances` is the command `describe-db-instances`. */
export function cliName(api: string): string {
  return api
    .replaceAll(/[_\s]+/g, '-')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}

/** A selector of an answer, `$.Instances[0].State`, for jq. Undefined for one with a filter. */
export function jqPath(selector: string): string | undefined {
  const path = selector.trim().replace(/^\$/, '')
  if (path === '') return '.'
  if (!/^(?:\.{1,2}[\w-]+|\[(?:\d+|\*|:\d*|\d+:\d*|"[^"]*"|'[^']*')\])+$/.test(path) || path.includes('..'))
    return undefined
  return path
    .replaceAll(/\.([\w-]+)/g, (_, name: string) =>
      /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `["${name}"]`,
    )
    .replaceAll(/\['([^']*)'\]/g, '["$1"]')
    .replaceAll('[*]', '[]')
    .replace(/^\[/, '.[')
}
