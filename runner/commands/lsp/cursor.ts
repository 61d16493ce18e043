/** The place of a cursor, as far as words can be offered there. */
export type Cursor =
  /** The name of a step element. */
  | { at: 'element' }
  /** The name of an attribute; `before` are the names earlier in the tag. */
  | { at: 'attribute'; element: string; before: readonly string[] }
  /** The value of an attribute. */
  | { at: 'value'; element: string; attribute: string }
  /** Inside `${{ }}`: its scope, or after `inputs.` a name. */
  | { at: 'reference'; scope: string | undefined }
  /** A variable of a script. */
  | { at: 'variable' }

const word = /[\w-]/

/** The word around an offset, as offsets of its first character and after its last. */
export function wordAt(text: string, offset: number): { start: number; end: number } {
  let [start, end] = [offset, offset]
  while (start > 0 && word.test(text.charAt(start - 1))) start--
  while (end < text.length && word.test(text.charAt(end))) end++
  return { start, end }
}

/**
 * The place of a word by the text before it. The document may be unfinished, so nothing here needs that it parses.
 * @param before the text up to the first character of the word
 * @param elements whether the document has step elements: it is MDX
 */
export function cursorAt(before: string, elements: boolean): Cursor | undefined {
  const reference = /\$\{\{\s*(?:(\w+)\.)?$/.exec(before)
  if (reference) return { at: 'reference', scope: reference[1] }
  const { inFence, inFrontmatter, body } = surroundings(before)
  if (inFence) return /\$\{?$/.test(before) ? { at: 'variable' } : undefined
  if (inFrontmatter || !elements) return undefined
  const tag = /(?:^|\n)[ \t]*(<(?:[A-Z](?:(?!\n[ \t]*<[A-Z])[\s\S])*)?)$/.exec(body)?.[1]
  return tag === undefined ? undefined : insideTag(tag)
}

/** The end of a text: whether it is in a fence or the frontmatter. `body` is the part after its last fence and its frontmatter. */
function surroundings(text: string): { inFence: boolean; inFrontmatter: boolean; body: string } {
  let fence: string | undefined
  let inFrontmatter = false
  let body: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (fence === undefined && /^---[ \t]*\r?$/.test(line) && (index === 0 || inFrontmatter)) {
      inFrontmatter = index === 0
      continue
    }
    const [, mark = '', info = ''] = /^\s*(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (fence === undefined && mark !== '') fence = mark
    else if (fence !== undefined && mark.startsWith(fence) && info.trim() === '')
      [fence, body] = [undefined, []]
    else body.push(line)
  }
  return { inFence: fence !== undefined, inFrontmatter, body: body.join('\n') }
}

/** The place at the end of a tag that begins a text; none where the tag is closed. */
function insideTag(tag: string): Cursor | undefined {
  const element = /^<(\w*)/.exec(tag)?.[1] ?? ''
  let rest = tag.slice(element.length + 1)
  if (rest === '') return { at: 'element' }
  const before: string[] = []
  for (;;) {
    rest = rest.trimStart()
    if (rest === '') return { at: 'attribute', element, before }
    const [whole, name] = /^([A-Za-z][\w-]*)\s*=?\s*/.exec(rest) ?? []
    if (whole === undefined || name === undefined) return undefined
    before.push(name)
    rest = rest.slice(whole.length)
    const opening = rest.charAt(0)
    if (opening !== '"' && opening !== "'" && opening !== '{') continue
    const close = rest.indexOf(opening === '{' ? '}' : opening, 1)
    if (close === -1) return { at: 'value', element, attribute: name }
    rest = rest.slice(close + 1)
  }
}
