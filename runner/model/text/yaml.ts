import { CST, Document, LineCounter, Parser, YAMLParseError, parseAllDocuments, parseDocument } from 'yaml'
import type { DocumentOptions, ParseOptions, SchemaOptions } from 'yaml'

/** Most lists and maps within each other in a document of YAML. */
const mostNested = 64
/** Most values that the aliases of a document stand for, for each value that is written. */
const maxAliasCount = 100

type Options = ParseOptions & DocumentOptions & SchemaOptions

/**
 * Reads a document of YAML that people write or upload. One that is nested too deeply is empty, with that as its error: the
 * library calls itself for each level, and would end with the stack of the process.
 */
export function readYaml(text: string, options: Options = {}): Document.Parsed {
  const deep = excess(text, options)
  if (deep === undefined) return parseDocument(text, options)
  const empty = new Document(null, options)
  empty.errors.push(deep)
  return empty as unknown as Document.Parsed
}

/** Reads each document of a text, as `readYaml` reads one. */
export function readAllYaml(text: string, options: Options = {}): Document[] {
  if (excess(text, options) !== undefined) return [readYaml(text, options)]
  const documents = parseAllDocuments(text, options)
  return Array.isArray(documents) ? documents : []
}

/** The value of a document. @throws {Error} with the first error of the document, or when its aliases grow too much */
export function parseYaml(text: string): unknown {
  return valueOf(readYaml(text))
}

/** The value of what can be read of a document with errors. @throws {Error} when it is nested too deeply, or its aliases grow too much */
export function parseLooseYaml(text: string): unknown {
  const document = readYaml(text, { logLevel: 'silent' })
  const deep = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (deep) throw deep
  return document.toJS({ maxAliasCount })
}

/** The value of a document that was read. @throws {Error} as `parseYaml` */
export function valueOf(document: Document): unknown {
  const [error] = document.errors
  if (error) throw error
  return document.toJS({ maxAliasCount })
}

function excess(text: string, { lineCounter, prettyErrors = true }: Options): YAMLParseError | undefined {
  const offset = deepOffset(text)
  if (offset === undefined) return undefined
  const lines = lineCounter ?? new LineCounter()
  lines.addNewLine(0)
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1)
  const at = lines.linePos(offset)
  const place = prettyErrors ? ` at line ${at.line}, column ${at.col}` : ''
  const message = `Lists and maps are nested deeper than ${mostNested} levels${place}`
  const error = new YAMLParseError([offset, offset + 1], 'RESOURCE_EXHAUSTION', message)
  error.linePos = [at]
  return error
}

/** Where the first list or map begins that is too deep; 0 where even the tokens cannot be told apart. */
function deepOffset(text: string): number | undefined {
  if (isShallow(text)) return undefined
  try {
    return deepOffsetOf(new Parser().parse(text))
  } catch (error) {
    if (error instanceof RangeError) return 0
    throw error
  }
}

/** Walks the tokens of documents without recursion. */
function deepOffsetOf(tokens: Iterable<CST.Token>): number | undefined {
  for (const token of tokens) {
    if (token.type !== 'document') continue
    const open: { token: CST.Token; depth: number }[] = []
    const enter = (inner: CST.Token | null | undefined, depth: number): void => {
      if (inner && CST.isCollection(inner)) open.push({ token: inner, depth })
    }
    enter(token.value, 1)
    for (let next = open.pop(); next; next = open.pop()) {
      if (next.depth > mostNested) return next.token.offset
      if (!CST.isCollection(next.token)) continue
      for (const { key, value } of next.token.items.toReversed()) {
        enter(value, next.depth + 1)
        enter(key, next.depth + 1)
      }
    }
  }
  return undefined
}

/** Each level costs a bracket, a column before the line, or a mark in it; a list below a key costs no column more than the key. */
function isShallow(text: string): boolean {
  const brackets = text.match(/[[{]/g)?.length ?? 0
  if (brackets > mostNested) return false
  const most = (mostNested - brackets) / 2 - 1
  return text
    .split('\n')
    .every((line) => line.search(/\S|$/) + (line.match(/[-?:](?=\s|$)/g)?.length ?? 0) <= most)
}
