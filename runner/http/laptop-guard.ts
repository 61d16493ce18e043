import type { Access } from './access.ts'
import type { Guard } from './guard.ts'
import { perMinute } from './rate.ts'
import { plain } from './request-rules.ts'

/** Most acts of one browser within a minute. */
const mostActs = 30

/** Lets in each browser that the access knows: whoever opened the printed address may do what the account may. */
export function laptopGuard(access: Access): Guard {
  const mayAct = perMinute(mostActs)
  return {
    folder: access.folder,
    admit: async (context, { act }) => {
      const session = access.session(context.req.header('cookie'))
      if (session === 'twice') return plain(context, 400, 'Two cookies have the name of this server')
      if (!session) return plain(context, 401, closed)
      if (act && !mayAct(session.id))
        return plain(context, 429, 'Too many acts in a minute; nothing was done')
      return session
    },
  }
}

export const closed =
  'This site is open to the account that serves it. Open the address that `runbook serve` printed last.'
