import ts from 'typescript'
import { LineCounter, parseAllDocuments, visit as visitYaml } from 'yaml'

/** One form that the rule of language in CONTRIBUTING.md refuses, and the plain words for it. */
interface Form {
  name: string
  pattern: RegExp
  instead: string
}

/** A piece of text for people, and the line in its file where it begins, from 1. */
export interface Piece {
  line: number
  text: string
}

/** A place that needs other words. */
export interface Finding {
  line: number
  form: string
  instead: string
}

/** The most words a sentence of the documentation may have. */
const longest = 30

const starts =
  /(?:^|[.:!?]\s+|\n\s*\n)["*_]*(?:What|Whoever|Nobody|Whatever)\b(?=[^?]*?[.:;,](?:\s|$)|[^?.]{30,}$)/gu

/** `there is no` is left out: it negates that something exists, and is plain English. */
const isNo =
  /(?<!\b(?:there|There)\s)(?<!\bthere )\b(?:is|are|was|were|be|been|being)\s+no\s+(?!longer\b|more\b|less\b|fewer\b|matter\b|one\b)[a-z`]/gu

const forms: readonly Form[] = [
  {
    name: 'begins with What, Whoever or Nobody',
    pattern: starts,
    instead: 'begin with the noun that is meant',
  },
  { name: 'that which', pattern: /\bthat which\b/giu, instead: 'the noun that is meant' },
  { name: 'is no …', pattern: isNo, instead: '`is not a …`' },
  {
    name: 'nobody knows',
    pattern: /\b(?:nobody|no one)\s+(?:can|could|knows?|knew|asks|asked|saw|sees|has seen|is at|else)\b/giu,
    instead: '`unknown`, or the passive with the noun that is meant',
  },
  { name: 'mend', pattern: /\bmend(?:s|ed|ing)?\b/giu, instead: 'fix' },
  {
    name: 'as it is',
    pattern:
      /\b(?:stays?|left|leaves?|kept|works?|published|returned|shown|copied|handed on|use it|searched)\b[^.]{0,20}\bas (?:it is|they are)\b(?! (?:\w+ed|shown|printed|played)\b)/giu,
    instead: 'unchanged',
  },
  {
    name: 'stands in',
    pattern:
      /\b(?:stands?|stood)\s+(?:in(?!\s+for)|there|beside|behind|below|above|under|inside|at the (?:top|end)|here)\b/giu,
    instead: 'is in, appears in',
  },
  {
    name: 'take up',
    pattern:
      /\b(?:take|takes|taken|took|taking)\s+(?:(?:it|them|one|this one|a run|the run|runs)\s+)?up\b(?! to\b)/giu,
    instead: 'resume',
  },
  {
    name: 'take back',
    pattern:
      /\b(?:take|takes|taken|took|taking)\s+(?:(?:it|them|\w+ releases?|releases?|the change)\s+)?back\b(?! in\b)/giu,
    instead: 'roll back',
  },
  {
    name: 'give up',
    pattern: /\b(?:give|gives|given|gave|giving)\s+(?:(?:it|them|a run|the run)\s+)?up\b/giu,
    instead: 'abandon, or stop trying',
  },
  { name: 'pass over', pattern: /\bpass(?:es|ed|ing)?\s+over\b/giu, instead: 'skip, ignore' },
  {
    name: 'said to be',
    pattern: /\b(?:is|are|was|were)\s+said\s+to\b/giu,
    instead: 'is marked, is reported',
  },
  {
    name: 'nothing of',
    pattern: /\bnothing of (?!value)/giu,
    instead: 'no part of, or the noun that is missing',
  },
  { name: 'says no', pattern: /\bsays? (?:yes|no)\b/giu, instead: 'accepts, refuses' },
  { name: 'all the same', pattern: /\ball the same\b/giu, instead: 'still, anyway' },
  { name: 'written there', pattern: /\bwritten there\b/giu, instead: 'is in, with the name of the place' },
  {
    name: 'come to',
    pattern: /\b(?:comes|came|come)\s+to\s+(?:a|an|the|it|its|this|that)\b/giu,
    instead: 'reach',
  },
]

/** Every forbidden form of a piece. Pieces keep their line breaks, so that a place is a line. */
export function formsOf(piece: Piece): Finding[] {
  return forms.flatMap(({ name, pattern, instead }) =>
    [...piece.text.matchAll(pattern)].map((match) => ({
      line: piece.line + piece.text.slice(0, match.index + match[0].length).split('\n').length - 1,
      form: `${name}: ${match[0].trim().replaceAll(/\s+/gu, ' ')}`,
      instead,
    })),
  )
}

const block = /^(?: {0,3}(?:#|>|\||-{3}|[-*+] |\d+[.)] )|\s*<|import |export |title:|description:|summary:)/u

/** The prose of a Markdown or MDX page: paragraphs with code replaced by a placeholder, so that lines stay. */
export function proseOf(page: string): Piece[] {
  const pieces: Piece[] = []
  let fence = ''
  let open = false
  for (const [at, whole] of page.split('\n').entries()) {
    const mark = /^\s*(`{3,}|~{3,})/u.exec(whole)?.[1]
    if (fence) {
      if (mark?.startsWith(fence) && whole.trim() === mark) fence = ''
      open = false
      continue
    }
    if (mark) {
      fence = mark
      open = false
      continue
    }
    if (!whole.trim()) {
      open = false
      continue
    }
    const text = whole.replaceAll(/`[^`]+`/gu, (code) =>
      /\s/u.test(code) ? '`code`' : code.replaceAll(/\w/gu, 'x'),
    )
    const last = pieces.at(-1)
    if (open && last && !block.test(whole)) last.text += `\n${text}`
    else pieces.push({ line: at + 1, text: text.replace(/^(?:title|description|summary):\s*["']?/u, '') })
    open = true
  }
  return pieces
}

/** Sentences of a paragraph that have too many words. Headings, tables, lists and elements are left out. */
export function longSentences(piece: Piece): Finding[] {
  if (block.test(piece.text)) return []
  return piece.text.split(/(?<=[.!?:])["')]*\s+/u).flatMap((sentence) => {
    const words = sentence.split(/\s+/u).filter((word) => /\w/u.test(word)).length
    const before = piece.text.slice(0, piece.text.indexOf(sentence))
    return words > longest
      ? [
          {
            line: piece.line + before.split('\n').length - 1,
            form: `a sentence of ${words} words: ${sentence.slice(0, 40).replaceAll('\n', ' ')}…`,
            instead: 'one fact a sentence',
          },
        ]
      : []
  })
}

/** Participles that hide what a value is. Documents have members of two of these names, which stay as they are. */
const participles = /(?:^found|^known|^written|Found|Known|Written)(?![a-z])/u
const members = /^(?:found|written|knownIssues)$/u

/** Variables, parameters, functions, types and members that are named by a participle, with their lines. */
export function participlesOf(name: string, source: string): Finding[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true)
  const findings: Finding[] = []
  const visit = (node: ts.Node): void => {
    const { name: declared } = node as { name?: ts.Node }
    if (declared && ts.isIdentifier(declared) && isParticiple(node, declared.text))
      findings.push({
        line: file.getLineAndCharacterOfPosition(declared.getStart()).line + 1,
        form: `the name ${declared.text}`,
        instead: 'a noun of the vocabulary: finding, match, file, run, names, declared, source, …',
      })
    ts.forEachChild(node, visit)
  }
  visit(file)
  return findings
}

function isParticiple(node: ts.Node, name: string): boolean {
  if (!participles.test(name) || name === 'notFound') return false
  const isUse =
    ts.isPropertyAccessExpression(node) ||
    ts.isShorthandPropertyAssignment(node) ||
    ts.isImportSpecifier(node) ||
    ts.isExportSpecifier(node)
  const isMember =
    ts.isPropertySignature(node) ||
    ts.isPropertyAssignment(node) ||
    (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent))
  return !isUse && !(isMember && members.test(name))
}

/** The strings, templates, page text and comments of a source file. Expressions in a template become `x`. */
export function wordsOf(name: string, source: string): Piece[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true)
  const pieces: Piece[] = []
  const lineOf = (at: number) => file.getLineAndCharacterOfPosition(at).line + 1
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) pieces.push({ line: lineOf(node.getStart()), text: node.text })
    else if (ts.isTemplateExpression(node)) {
      const text = node.head.text + node.templateSpans.map((span) => `x${span.literal.text}`).join('')
      pieces.push({ line: lineOf(node.getStart()), text })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return [...pieces, ...commentsOf(file)]
}

/** The names of the tests of a file: the first argument of each call of a test or a suite. */
export function testNamesOf(name: string, source: string): Piece[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true)
  const pieces: Piece[] = []
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(?:test|it|describe)\b/u.test(node.expression.getText(file))) {
      const [title] = node.arguments
      if (title && ts.isStringLiteralLike(title))
        pieces.push({ line: file.getLineAndCharacterOfPosition(title.getStart()).line + 1, text: title.text })
    }
    ts.forEachChild(node, look)
  }
  look(file)
  return pieces
}

/** The texts of a YAML file. */
export function textsOf(source: string): Piece[] {
  const counter = new LineCounter()
  const pieces: Piece[] = []
  for (const document of parseAllDocuments(source, { lineCounter: counter }))
    visitYaml(document, {
      Scalar(_, { value, range }) {
        if (typeof value === 'string')
          pieces.push({ line: counter.linePos(range?.[0] ?? 0).line, text: value })
      },
    })
  return pieces
}

/** Block comments, and runs of line comments as one piece each. Found beside tokens, so never inside a string. */
function commentsOf(file: ts.SourceFile): Piece[] {
  const { text } = file
  const ranges = new Map<number, ts.CommentRange>()
  const visit = (node: ts.Node): void => {
    const all = [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
    ]
    for (const range of all) ranges.set(range.pos, range)
    for (const child of node.getChildren(file)) visit(child)
  }
  visit(file)
  const pieces: Piece[] = []
  let end = -2
  for (const range of [...ranges.values()].toSorted((left, right) => left.pos - right.pos)) {
    const line = file.getLineAndCharacterOfPosition(range.pos).line + 1
    const words = text
      .slice(range.pos, range.end)
      .replaceAll(/^\/\*+\s?|\s*\*\/$|^\/\/\s?/gu, '')
      .replaceAll(/\n\s*\* ?/gu, '\n')
      .replaceAll(/`[^`]+`/gu, '`x`')
    const last = pieces.at(-1)
    if (last && line === end + 1 && text.startsWith('//', range.pos)) last.text += `\n${words}`
    else pieces.push({ line, text: words })
    end = file.getLineAndCharacterOfPosition(range.end).line + 1
  }
  return pieces
}

/** The script and the visible text of an Astro page, with expressions and elements as they are. */
export function pageOf(source: string): Piece[] {
  const script = /^---\n([\s\S]*?)\n---\n/u.exec(source)
  const markup = source
    .slice(script?.[0].length ?? 0)
    .replaceAll(/<(style|script)\b[\s\S]*?<\/\1>/gu, (all) => '\n'.repeat(all.split('\n').length - 1))
  const offset = source.slice(0, script?.[0].length ?? 0).split('\n').length
  const pieces = script ? wordsOf('page.ts', `\n${script[1] ?? ''}`) : []
  for (const match of markup.matchAll(/[^<>{}]*[A-Za-z][^<>{}]*/gu)) {
    const lead = /^\s*/u.exec(match[0])?.[0] ?? ''
    const line = offset + markup.slice(0, match.index + lead.length).split('\n').length - 1
    pieces.push({ line, text: match[0].trim() })
  }
  return pieces
}
