import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { presenceFrom, strongest } from '../model/people/presence-level.ts'
import type { Presence } from '../model/people/presence-level.ts'
import type { Runbook } from '../model/runbook.ts'

/** Runbooks that let whoever runs them approve, and still ask for presence. `floor` is the level that the configuration requires. */
export function checkPresence(documents: readonly Runbook[], floor: Presence): Diagnostic[] {
  return documents
    .filter(({ meta }) => meta.selfApproval === true)
    .flatMap(({ file, meta, steps }) => {
      const asked = steps.flatMap(({ attributes: { presence } }) =>
        presence && presenceFrom(presence.value) !== 'none'
          ? [{ place: presence.place, level: presenceFrom(presence.value) }]
          : [],
      )
      const whole = strongest(floor, meta.presence)
      const all = whole === 'none' ? asked : [...asked, { place: { file, line: 1, column: 1 }, level: whole }]
      return all.map(({ place, level }) =>
        diagnostic(
          'self-approved-presence',
          place,
          `Unexpected presence \`${level}\` beside selfApproval, which lets whoever runs it approve`,
          { hint: 'Keep one of the two: remove `selfApproval`, or ask for no presence.' },
        ),
      )
    })
}
