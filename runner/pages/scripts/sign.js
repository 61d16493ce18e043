// Shows a text, hashes exactly that text, and has a passkey sign a statement about it. Without a build: the bytes that
// a browser runs are those of this file, and the policy of the page names their digest.
const request = JSON.parse(document.getElementById('request').textContent)
const place = (id) => document.getElementById(id)
const encoder = new TextEncoder()
const keyType = 'sk-ecdsa-sha2-nistp256@openssh.com'

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
const base64url = (bytes) => base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
const digest = (name, text) => crypto.subtle.digest(name, encoder.encode(text))
const hex = (bytes) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** JSON as the journal writes it: members in the order of their names, no spaces. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
  return `{${members.join(',')}}`
}

/** Fields of SSH: each is a length and as many bytes. */
function sshFields(...fields) {
  const parts = fields.flatMap((field) => {
    const bytes = typeof field === 'string' ? encoder.encode(field) : new Uint8Array(field)
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, bytes.length)
    return [length, bytes]
  })
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** The challenge: the bytes that an SSH signature over the text signs. */
async function challengeOf(text) {
  const fields = sshFields(request.namespace, '', 'sha512', await digest('SHA-512', text))
  return new Uint8Array([...encoder.encode('SSHSIG'), ...fields])
}

/** Shows a text as it is. Characters that cannot be seen, or that turn the order of others, are shown by number. */
function show(text) {
  const pieces = text.split(/((?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029])/u).map((piece, at) => {
    if (at % 2 === 0) return piece
    const mark = document.createElement('mark')
    mark.textContent = `U+${piece.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`
    return mark
  })
  place('shown').replaceChildren(...pieces)
}

function say(words, tone = '') {
  place('status').textContent = words
  place('status').dataset.tone = tone
}

function buttons() {
  return [...document.querySelectorAll('button')]
}

/** How long the page waits before it sends a signed answer again, in milliseconds. */
const againMs = 2000

/** Sends a signed answer until the server says what became of it. A connection that breaks may have carried it: it counts once. */
async function send(answer) {
  for (;;) {
    try {
      const response = await fetch(location.href, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(answer),
      })
      return { isTaken: response.ok, words: await response.text() }
    } catch {
      say(
        'Signed, and the server does not answer. The page sends it again until it does; it counts once.',
        'bad',
      )
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }
}

/** Posts the answer; the page is over once it was accepted. The lines after the first are given to the person. */
async function handIn(answer) {
  say('Sending the signature…')
  const { isTaken, words } = await send(answer)
  if (!isTaken) return say(words, 'bad')
  place('act').remove()
  const [first, ...given] = words.trimEnd().split('\n')
  say(first, 'ok')
  if (given.length > 0) give(given.join('\n'))
  place('status').scrollIntoView({ block: 'center' })
}

/** Shows a text that the person takes elsewhere, with a button that copies it. */
function give(text) {
  const button = document.createElement('button')
  button.textContent = 'Copy'
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(text).then(() => (button.textContent = 'Copied'))
  })
  place('given').textContent = text
  place('given').hidden = false
  place('given').after(button)
}

async function assertionOf(text, credentials) {
  const { rawId, response } = await navigator.credentials.get({
    publicKey: {
      rpId: location.hostname,
      challenge: await challengeOf(text),
      allowCredentials: credentials.map((id) => ({ type: 'public-key', id: fromBase64url(id) })),
      userVerification: request.verified ? 'required' : 'preferred',
      timeout: 120_000,
    },
  })
  const { authenticatorData, clientDataJSON, signature } = response
  const assertion = {
    authenticatorData: base64url(authenticatorData),
    clientDataJSON: base64url(clientDataJSON),
    signature: base64url(signature),
  }
  return { text, credential: base64url(rawId), assertion }
}

async function decide({ members, reason }) {
  const words = place('reason')?.value.trim() ?? ''
  if (reason === 'required' && words === '') {
    say('Write the reason first.', 'bad')
    place('reason').focus()
    return
  }
  const given = reason === 'none' ? {} : { reason: words }
  const statement = { ...request.draft, ...members, ...given, ts: new Date().toISOString() }
  const text = canonical(statement) + (request.isFile ? '\n' : '')
  say('Touch your security key, or confirm with your device.')
  await handIn(await assertionOf(text, request.passkeys))
}

async function enrol() {
  say('Touch your security key, or confirm with your device, to make the passkey.')
  const { rawId, response } = await navigator.credentials.create({
    publicKey: {
      rp: { id: location.hostname, name: 'Runbook approvals' },
      user: { id: encoder.encode(request.by), name: request.by, displayName: request.by },
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
      timeout: 120_000,
    },
  })
  const spki = response.getPublicKey()
  // The uncompressed point is the end of the key.
  const key = sshFields(keyType, 'nistp256', new Uint8Array(spki).slice(-65), location.hostname)
  const statement = { v: 1, purpose: 'enrol', by: request.by, key: base64(key), ts: new Date().toISOString() }
  say('Once more, so that the new passkey proves itself.')
  const signed = await assertionOf(canonical(statement), [base64url(rawId)])
  await handIn({ ...signed, spki: base64url(spki) })
}

/** Runs one act; while it lasts there is no other. */
async function once(act) {
  for (const button of buttons()) button.disabled = true
  try {
    await act()
  } catch (error) {
    say(
      `Nothing was signed: ${error.name === 'NotAllowedError' ? 'the passkey did not confirm it' : error.message}.`,
      'bad',
    )
  } finally {
    for (const button of buttons()) button.disabled = false
  }
}

async function start() {
  if (!window.isSecureContext || !navigator.credentials?.get)
    return say('This page cannot ask a passkey: open it by https, or as http://localhost.', 'bad')
  if (window.top !== window) return say('This page does not work within another.', 'bad')
  show(request.shown)
  if (request.draft) {
    // A text that is not the one that was asked about is not offered at all.
    if (hex(await digest('SHA-256', request.shown)) !== request.draft.shownSha256) {
      place('shown').replaceChildren()
      return say('Refused: the text is not the one that was asked about.', 'bad')
    }
    for (const [at, choice] of request.choices.entries())
      place(`choice-${at}`).addEventListener('click', () => void once(() => decide(choice)))
  } else place('choice-0').addEventListener('click', () => void once(enrol))
  for (const button of buttons()) button.disabled = false
  say('')
}

void start()
