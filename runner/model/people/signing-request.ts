import type { Json, JsonObject } from '../values/json.ts'

type Link = readonly [words: string, address: string]

/** One way to decide on a text: it adds members to the statement that is signed. */
export interface SigningChoice {
  label: string
  members: Readonly<Record<string, Json>>
  /** `none`: the statement has no reason. */
  reason: 'none' | 'optional' | 'required'
  /** The look of its button. */
  tone: 'ok' | 'bad'
}

/** A text that a page shows, and the statement about it that a passkey signs. Plain data: the page gets it as JSON. */
export interface SigningRequest {
  title: string
  /** Shown exactly; the page refuses it unless its SHA-256 is `shownSha256` of the draft. */
  shown: string
  /** Facts beside the text, such as the run and who signs. */
  facts: readonly (readonly [name: string, value: string])[]
  /** Namespace of the SSH signature. */
  namespace: string
  /** The statement without `ts`, the time of the decision, and without the members of the choice. */
  draft: JsonObject
  choices: readonly SigningChoice[]
  /** The way back for whoever does not sign. */
  back?: Link
  /** Where the person goes on afterwards, the likeliest first. */
  links?: readonly Link[]
  /** Whether the statement is a file, whose text ends with a newline. */
  isFile?: boolean
  /** Ids of the passkeys that may sign, in base64url. */
  passkeys: readonly string[]
  /** Whether the passkey must check a PIN or a biometric. */
  verified: boolean
}

/** A new passkey that a page makes, and has sign a statement about itself at once. */
export interface EnrolRequest {
  title: string
  /** Explains to the person what happens. */
  shown: string
  namespace: string
  /** `by`, the address of the person; the page adds `purpose`, `key` and `ts`. */
  by: string
  /** The way back, before and afterwards. */
  back?: Link
}

/** The result of `navigator.credentials.get`, in base64url. */
export interface Assertion {
  authenticatorData: string
  clientDataJSON: string
  /** ECDSA over P-256 with SHA-256, in DER. */
  signature: string
}

/** The answer of the page: the text that was signed, and by which passkey. */
export interface SignedText {
  text: string
  /** Id of the passkey, in base64url. */
  credential: string
  assertion: Assertion
}
