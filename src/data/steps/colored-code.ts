import { bundledLanguages, createCssVariablesTheme, createHighlighter, splitTokens } from 'shiki'
import type { BundledLanguage, ThemedToken } from 'shiki'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import { wrapOptions } from '../../../runner/pages/whole-options.ts'
import { colorTime } from './color-time.ts'
import { namesInCode } from './names-in-code.ts'
import type { NameInCode } from './names-in-code.ts'

const theme = 'css-variables'

// The engine in JavaScript colors a script in two thirds of the time of the one in WebAssembly, in the same way.
const starting = createHighlighter({
  langs: [],
  themes: [createCssVariablesTheme({ name: theme, variablePrefix: '--' })],
  engine: createJavaScriptRegexEngine({ forgiving: true }),
})

/**
 * Code as HTML with its colors; `inputs` are names whose values it may contain. Code of an unknown language has no colors. The markup is
 * that of Shiki, whose own writer takes as long as the coloring.
 */
export async function coloredCode(code: string, lang: string, inputs: readonly string[]): Promise<string> {
  const highlighter = await starting
  const language = isBundled(lang) ? lang : 'plaintext'
  if (language !== 'plaintext') await highlighter.loadLanguage(language)
  const { tokens } = highlighter.codeToTokens(code.replace(/\n$/, ''), {
    lang: language,
    theme,
    ...colorTime,
  })
  const names = namesInCode(code, lang, new Set(inputs))
  const ends = names.flatMap(({ start, end }) => [start, end])
  const lines = splitTokens(tokens.map(withSpace), ends).map((line) => lineOf(line, names))
  return `<pre class="code"><code>${lines.join('\n')}</code></pre>`
}

function isBundled(lang: string): lang is BundledLanguage {
  return Object.hasOwn(bundledLanguages, lang)
}

/** The tokens of a line, each with the space before it. */
function withSpace(line: readonly ThemedToken[]): ThemedToken[] {
  let space = ''
  return line.flatMap((token, at) => {
    const content = space + token.content
    const isSpace = /^\s+$/.test(token.content) && at < line.length - 1
    space = isSpace ? content : ''
    return isSpace
      ? []
      : [{ ...token, content, offset: token.offset + token.content.length - content.length }]
  })
}

function lineOf(line: readonly ThemedToken[], names: readonly NameInCode[]): string {
  const nameOf = ({ offset }: ThemedToken): NameInCode | undefined =>
    names.find(({ start, end }) => start <= offset && offset < end)
  const parts: { name: NameInCode | undefined; tokens: ThemedToken[] }[] = []
  for (const token of line) {
    const name = nameOf(token)
    const last = parts.at(-1)
    if (name !== undefined && last?.name === name) last.tokens.push(token)
    else parts.push({ name, tokens: [token] })
  }
  const [first] = parts
  if (first?.name !== undefined && parts.length === 1)
    return `<var class="line"${urlOf(first.name)}>${first.tokens.map((token) => tokenOf(token)).join('')}</var>`
  return `<span class="line">${parts.map(({ name, tokens }) => partOf(tokens, name)).join('')}</span>`
}

/** Tokens without a name are alone. */
function partOf(tokens: readonly ThemedToken[], name: NameInCode | undefined): string {
  const [first] = tokens
  if (first !== undefined && tokens.length === 1) return tokenOf(first, name)
  return `<var${name ? urlOf(name) : ''}>${tokens.map((token) => tokenOf(token)).join('')}</var>`
}

function tokenOf({ content, color }: ThemedToken, name?: NameInCode): string {
  const element = name ? 'var' : 'span'
  const kind = color === undefined ? undefined : /token-[\w-]+/.exec(color)?.[0]
  const words = content.replaceAll('&', '&#x26;').replaceAll('<', '&#x3C;')
  return `<${element}${name ? urlOf(name) : ''}${kind ? ` class="${kind}"` : ''}>${wrapOptions(words)}</${element}>`
}

function urlOf({ url }: NameInCode): string {
  return url ? ' data-url=""' : ''
}
