import type { Session } from '../../http/access.ts'
import type { Acting } from '../../pages/acting/acting.ts'
import { trustFor } from '../shared/people/keys.ts'
import { actingView } from './acting-view.ts'
import { liveRuns } from './live-run-page.ts'
import type { Refusal } from './live-run-page.ts'
import { actorOf } from './room.ts'
import type { Room } from './room.ts'
import { passkeyHost, standingOf } from './standing.ts'
import type { Standing } from './standing.ts'

type Place = Omit<Room, 'pages' | 'acting'>

/** The room of a server, with the pages of its runs in the frames of a built site. */
export function makeRoom(place: Place, site: string): Room {
  const { config, base, io } = place
  const acting = actingFor(place)
  const pages = liveRuns({
    config,
    site,
    base,
    io,
    server: place.isHub ? 'hub' : 'own',
    ordered: (name, session) => place.team?.ordered(place, name, session) ?? Promise.resolve(undefined),
    actingFor: (stored, around, session, refusal) =>
      acting(
        standingOf(config.state, stored),
        session,
        refusal,
        around.today !== undefined && around.today.sha256 !== stored.plan.sha256,
      ),
  })
  return { ...place, pages, acting }
}

/** The acts that one browser has on a run. A passkey belongs to the name of a host, never to its number. */
function actingFor(place: Place) {
  const { config, base, tokens, origin, isHub, team } = place
  return async (
    standing: Standing,
    session: Session,
    refusal?: Refusal,
    hasChanged = false,
  ): Promise<Acting> => {
    const { id: person } = await actorOf(place, session)
    const { run } = standing.stored.state
    return actingView(standing, {
      state: config.state,
      base,
      person,
      trust: trustFor(config),
      passkeyHost: passkeyHost(origin),
      isSignedIn: isHub,
      token: (subject) => tokens.issue(session, subject),
      hasChanged,
      refusal,
      hasTeam: team !== undefined,
      runners: await team?.runnersOf(run).catch(() => undefined),
      left: (await team?.left(run).catch(() => undefined)) ?? [],
    })
  }
}
