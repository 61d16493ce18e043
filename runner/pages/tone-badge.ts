import type { Tone } from '../journal/story/tone.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'

const signs: Record<Tone, string> = { ok: '✓', bad: '✕', warn: '!', info: '…' }

/** Names in the style sheets of the site. */
const classes: Record<Tone, string> = { ok: 'good', bad: 'bad', warn: 'warn', info: 'open' }

/** The sign of a tone. It never stands without words. */
export function toneSign(tone: Tone): string {
  return signs[tone]
}

export function toneClass(tone: Tone): string {
  return classes[tone]
}

export function badge(tone: Tone, words: string): Markup {
  return html`<span class="badge ${classes[tone]}">${signs[tone]} ${words}</span>`
}
