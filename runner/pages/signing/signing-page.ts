import { createHash } from 'node:crypto'
import type { EnrolRequest, SigningChoice, SigningRequest } from '../../model/people/signing-request.ts'
import { ownText } from '../../own-files.ts'
import { inlineStyle } from '../inline-style.ts'
import { html } from '../markup.ts'

/** A page, and the policy of content it must be sent with. */
export interface SigningPage {
  body: string
  /** Value of `content-security-policy`: its own script and style by their digests, no other, and in no frame. */
  policy: string
}

/**
 * The page that shows a text and has a passkey sign a statement about it. It hashes the text that it shows, and offers
 * nothing when that is not the digest of the statement. It posts a SignedText to its own address.
 */
export function signingPage(request: SigningRequest | EnrolRequest): SigningPage {
  const script = ownText('scripts/sign.js')
  const style = ['alone.css', 'sign.css'].map(inlineStyle).join('\n')
  const choices = 'choices' in request ? request.choices : enrolChoice
  const links = ('links' in request ? request.links : undefined) ?? []
  const { back } = request
  const facts = 'facts' in request ? request.facts : [['You are', request.by] as const]
  const article = html`<main class="signing">
    ${back && html`<p class="eyebrow"><a href="${back[1]}">${back[0]}</a></p>`}
    <h1>${request.title}</h1>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <pre id="shown" class="code"></pre>
    <div id="act">
      ${reasonField(choices)}
      <div>
        ${choices.map(({ label, tone }, at) => html`<button id="choice-${at}" data-tone="${tone}" disabled>${label}</button>`)}
      </div>
    </div>
    <p id="status" role="status">This page needs JavaScript.</p>
    <pre id="given" class="code" hidden></pre>
    ${links.length > 0 && html`<nav aria-label="Go on">${links.map(([words, address]) => html`<a href="${address}">${words}</a>`)}</nav>`}
  </main>`
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html`${request.title}`.markup}</title>
<style>${style}</style>
</head>
<body>
${article.markup}
<script type="application/json" id="request">${asScriptData(request)}</script>
<script>${script}</script>
</body>
</html>
`
  const own = `script-src ${sourceOf(script)}; style-src ${sourceOf(style)}; connect-src 'self'`
  const policy = `default-src 'none'; ${own}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`
  return { body, policy }
}

const enrolChoice: readonly SigningChoice[] = [
  { label: 'Make a passkey', members: {}, reason: 'none', tone: 'ok' },
]

function reasonField(choices: readonly SigningChoice[]): ReturnType<typeof html> | undefined {
  if (choices.every(({ reason }) => reason === 'none')) return undefined
  const needing = choices
    .filter(({ reason }) => reason === 'required')
    .map(({ label }) => label.toLowerCase())
  const note = needing.length === 0 ? '' : ` (needed to ${needing.join(' or ')})`
  return html`<label>Reason${note}<textarea id="reason" rows="2"></textarea></label>`
}

/** JSON within a script element: a text in it can neither end the element nor open a comment. */
function asScriptData(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
