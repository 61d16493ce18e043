/** The subjects of checks; permanent names, for programs. */
export type CheckName =
  | 'chain'
  | 'clock'
  | 'start'
  | 'plan'
  | 'document'
  | 'outputs'
  | 'order'
  | 'end'
  | 'approvals'
  | 'head'
  | 'signature'
  | 'signers'
  | 'keepers'
  | 'presence'
  | 'index'
  | 'closing'
  | 'anchor'
  | 'team'

/** `unproven` is not a failure: it names a fact that this evidence cannot prove, such as who wrote an unsigned run. */
export interface Check {
  name: CheckName
  status: 'ok' | 'failed' | 'unproven'
  /** One or more sentences in plain words, without a final period. */
  message: string
}

export const ok = (name: CheckName, message: string): Check => ({ name, status: 'ok', message })
export const failed = (name: CheckName, message: string): Check => ({ name, status: 'failed', message })
export const unproven = (name: CheckName, message: string): Check => ({ name, status: 'unproven', message })

/** All problems of one check, or the sentence that says it holds. */
export function judged(name: CheckName, problems: readonly string[], holds: string): Check[] {
  return problems.length > 0
    ? problems.slice(0, 20).map((problem) => failed(name, problem))
    : [ok(name, holds)]
}
