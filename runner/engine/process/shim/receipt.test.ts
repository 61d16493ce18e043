import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeClaim } from './receipt.ts'
import { workspace } from '../../../../test/support/workspace.ts'

test.each(['by name', 'by nobody'])(
  'an attempt is claimed once, %s, and a second claim changes nothing',
  (how) => {
    using space = workspace({ first: 'shim 1', second: 'shim 2' })
    const claims = ['first', 'second'].map((name) =>
      takeClaim(join(space.root, 'a.1'), how === 'by name' ? join(space.root, name) : undefined),
    )
    expect(claims).toEqual([true, false])
    writeFileSync(join(space.root, 'second'), 'shim 3')
    expect(readFileSync(join(space.root, 'a.1.claim'), 'utf8')).toBe(how === 'by name' ? 'shim 1' : '')
  },
)
