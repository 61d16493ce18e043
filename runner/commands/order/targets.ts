import { existsSync, readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { LineCounter, isMap, isScalar, isSeq } from 'yaml'
import type { Place } from '../../model/diagnostic.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { readYaml } from '../../model/text/yaml.ts'

/** A target as it was written: values by the names of inputs. */
export interface ListedTarget {
  name: string
  inputs: Record<string, string>
  /** Undefined for a name among the arguments. */
  place: Place | undefined
}

const formHint =
  'Write a list of names, or of maps from inputs to values; in CSV, a first line with the names of inputs.'

/**
 * Reads `a,b,c`, a file of YAML or one of CSV.
 * @param nameInput the input that gets the name of each target
 */
export async function readTargets(
  text: string,
  nameInput: string,
  folder: string,
): Promise<Outcome<ListedTarget[]>> {
  const read = await listed(text, nameInput, folder)
  if (!read.ok) return read
  const names = new Set<string>()
  for (const { name, place } of read.value) {
    if (names.has(name)) return failure(`Duplicate target \`${name}\``, at(place, 'Name each target once.'))
    names.add(name)
  }
  return read.value.length > 0 ? read : failure(`There are no targets in \`${text}\``, { hint: formHint })
}

async function listed(text: string, nameInput: string, folder: string): Promise<Outcome<ListedTarget[]>> {
  const type = extname(text).toLowerCase()
  if (!['.yaml', '.yml', '.csv'].includes(type)) {
    const names = text.split(',').map((name) => name.trim())
    if (names.includes('')) return failure(`Empty name of a target in \`${text}\``, { hint: formHint })
    return success(names.map((name) => ({ name, inputs: { [nameInput]: name }, place: undefined })))
  }
  const path = resolve(folder, text)
  if (!existsSync(path))
    return failure(`The list of targets \`${text}\` does not exist`, {
      hint: 'Check the path; it is relative to the working directory.',
    })
  const content = readFileSync(path, 'utf8')
  return type === '.csv' ? fromCsv(content, text, nameInput) : fromYaml(content, text, nameInput)
}

function fromYaml(content: string, file: string, nameInput: string): Outcome<ListedTarget[]> {
  const counter = new LineCounter()
  const document = readYaml(content, { lineCounter: counter, prettyErrors: false, uniqueKeys: true })
  const place = (offset = 0): Place => {
    const { line, col } = counter.linePos(offset)
    return { file, line, column: col }
  }
  const [broken] = document.errors
  if (broken) return failure(`Invalid YAML: ${broken.message}`, at(place(broken.pos[0]), formHint))
  if (!isSeq(document.contents))
    return failure('Unexpected content, expected a list of targets', at(place(), formHint))
  const targets: ListedTarget[] = []
  for (const item of document.contents.items) {
    const where = place(item.range[0])
    const inputs: Record<string, string> = {}
    if (isScalar(item)) inputs[nameInput] = textOf(item.value) ?? ''
    else if (isMap(item))
      for (const { key, value } of item.items) {
        const name = isScalar(key) ? String(key.value) : ''
        const one = isScalar(value) ? textOf(value.value, value.source) : undefined
        if (one === undefined)
          return failure(
            `Invalid value of \`${name}\`, expected a text, number or boolean`,
            at(where, formHint),
          )
        inputs[name] = one
      }
    const target = named(inputs, nameInput, where)
    if (!target.ok) return target
    targets.push(target.value)
  }
  return success(targets)
}

/** As it was written: 1.10 is a version, and not 1.1. */
function textOf(value: unknown, source?: string): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? (source ?? String(value)) : undefined
}

async function fromCsv(content: string, file: string, nameInput: string): Promise<Outcome<ListedTarget[]>> {
  const { CsvError, parse } = await import('csv-parse/sync')
  try {
    const rows = parse<{ record: Record<string, string>; info: { lines: number } }>(content, {
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
    })
    const targets: ListedTarget[] = []
    for (const { record, info } of rows) {
      // An empty field leaves an input out.
      const inputs = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''))
      const target = named(inputs, nameInput, { file, line: info.lines, column: 1 })
      if (!target.ok) return target
      targets.push(target.value)
    }
    return success(targets)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = (error as { lines?: number }).lines ?? 1
    return failure(`Invalid CSV: ${error.message}`, at({ file, line, column: 1 }, formHint))
  }
}

function named(inputs: Record<string, string>, nameInput: string, place: Place): Outcome<ListedTarget> {
  const name = inputs[nameInput] ?? ''
  return name === ''
    ? failure(`Missing \`${nameInput}\`, which has the name of the target`, at(place, formHint))
    : success({ name, inputs, place })
}

function at(place: Place | undefined, hint: string): { hint: string; place?: Place } {
  return place === undefined ? { hint } : { hint, place }
}
