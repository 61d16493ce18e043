import type { Context } from 'hono'
import type { Action } from '../permissions/may.ts'
import type { Session } from './access.ts'

/** Who may see the pages of a server and act there. A laptop lets in browsers, a hub lets in people. */
export interface Guard {
  /** The folder of all pages, with slashes at both ends. */
  readonly folder: string
  /** The browser of a request that may do this; otherwise the answer that refuses it. */
  admit(context: Context, action: Action): Promise<Session | Response>
}
