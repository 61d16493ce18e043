import { makeFleet } from '../../runner/team/fleet/fleet.ts'
import type { Fleet } from '../../runner/team/port.ts'

/** An order over targets that alice signs: one wave, no pause, no approval, and stopped by the first failure. */
export function fleetOver(targets: Fleet['targets'], more: Partial<Fleet> = {}): Fleet {
  return makeFleet({
    fleet: 'fleet-20261130-081502-patch-k3f9',
    slug: 'patch',
    documentSha256: 'a'.repeat(64),
    includes: {},
    wants: '',
    notBefore: '',
    expires: '2999-01-01T00:00:00.000Z',
    by: { id: 'alice@example.com', host: 'laptop', via: 'order' },
    from: '',
    practice: false,
    targets,
    waves: [targets.length],
    budget: 1,
    parallel: 0,
    pause: 0,
    approvers: [],
    ...more,
  })
}
