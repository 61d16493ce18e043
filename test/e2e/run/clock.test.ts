import { existsSync, globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventsOf, expectNoStepProcess } from '../../support/attack/attack.ts'
import { start } from '../../support/live.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const library = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0]
if (library === undefined)
  process.stderr.write('SKIPPED: libfaketime is not installed; jumps of the wall clock are not tested\n')

/** Environment in which a file says how far the wall clock is off; the other clocks go on as they do. */
function clockIn(file: string): Record<string, string> {
  return {
    LD_PRELOAD: library ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DONT_RESET: '1',
  }
}

const seconds = 2

describe.skipIf(library === undefined)('the wall clock jumps', () => {
  test.each(['+1h', '-1h'])('by %s in a wait, which ends neither early nor late', async (jump) => {
    using space = workspace({
      'content/runbooks/r.mdx': page(`<Wait id="w" title="Wait" for="${seconds}s" />\n`),
      clock: '+0',
    })
    const live = start(space.root, ['exec', 'r', '--yes', '--json'], clockIn(join(space.root, 'clock')))
    await live.line('"moment-recorded"')
    const began = performance.now()
    writeFileSync(join(space.root, 'clock'), jump)
    const ran = await live.ended
    expect(ran.code, ran.stderr).toBe(0)
    const took = (performance.now() - began) / 1000
    expect(took).toBeGreaterThan(seconds - 1)
    expect(took).toBeLessThan(seconds + 10)
    const [first, last] = [eventsOf(space.root)[0], eventsOf(space.root).at(-1)]
    expect(
      Math.abs(Date.parse(last?.ts ?? '') - Date.parse(first?.ts ?? '')),
      'the clock did jump',
    ).toBeGreaterThan(3_000_000)
  })

  test.each(['+1h', '-1h'])('by %s in a step, whose timeout comes neither early nor late', async (jump) => {
    using space = workspace({
      'content/runbooks/r.mdx': page(commandStep('a', 'touch began; sleep 73', `timeout="${seconds}s"`)),
      clock: '+0',
    })
    const live = start(space.root, ['exec', 'r', '--yes', '--json'], clockIn(join(space.root, 'clock')))
    await live.until(() => existsSync(join(space.root, 'began')))
    writeFileSync(join(space.root, 'clock'), jump)
    expect((await live.ended).code).toBe(1)
    const { data } = eventsOf(space.root).find(({ type }) => type === 'step-ended') ?? {}
    expect(data).toMatchObject({ status: 'timeout' })
    const ms = (data?.['data'] as { process: { ms: number } } | undefined)?.process.ms
    expect(ms).toBeGreaterThan((seconds - 1) * 1000)
    expect(ms).toBeLessThan((seconds + 10) * 1000)
    await expectNoStepProcess(space.root)
  })
})
