import { bundledLanguages, createCssVariablesTheme, createHighlighter } from 'shiki'
import type { BundledLanguage, DecorationItem } from 'shiki'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import { shikiClasses } from '../../build/shiki-classes.ts'
import { namesInCode } from './names-in-code.ts'

const theme = 'css-variables'

// The engine in JavaScript colors a script in two thirds of the time of the one in WebAssembly, in the same way.
const starting = createHighlighter({
  langs: [],
  themes: [createCssVariablesTheme({ name: theme, variablePrefix: '--astro-code-' })],
  engine: createJavaScriptRegexEngine({ forgiving: true }),
})

/** Code as HTML with its colors; `inputs` are names whose values it may contain. Code of an unknown language has no colors. */
export async function coloredCode(code: string, lang: string, inputs: readonly string[]): Promise<string> {
  const highlighter = await starting
  const language = isBundled(lang) ? lang : 'plaintext'
  if (language !== 'plaintext') await highlighter.loadLanguage(language)
  return highlighter.codeToHtml(code.replace(/\n$/, ''), {
    lang: language,
    theme,
    transformers: [shikiClasses],
    decorations: namesInCode(code, lang, new Set(inputs)).map(decorationOf),
  })
}

function isBundled(lang: string): lang is BundledLanguage {
  return Object.hasOwn(bundledLanguages, lang)
}

function decorationOf({ start, end, url }: ReturnType<typeof namesInCode>[number]): DecorationItem {
  return { start, end, tagName: 'var', properties: url ? { 'data-url': '' } : {} }
}
