import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { auditIndex } from '../../../runner/journal/verify/audit-index.ts'
import { readIndex } from '../../../runner/journal/record/heads.ts'
import { checkerOf, trustAt } from '../../../runner/engine/sign/trust.ts'
import { makeVerify } from '../../../runner/engine/verify-run.ts'
import { version } from '../../../runner/kit/version.ts'
import { runIn } from '../workspace.ts'
import { allowedSigners, makeKeys } from '../evidence.ts'
import { realRun } from './real-run.ts'
import { tamper } from './tamperings.ts'
import { makeKinds } from '../../../runner/kinds/index.ts'
import type { Tampering } from './tamperings.ts'

const recipe = join(import.meta.dirname, '../../../runner/journal/recipe/verify.sh')

interface JudgedTampering extends Tampering {
  byVerify: boolean
  byRecipe: boolean
  byAudit: boolean
  /** By `runbook audit` as a user calls it; undefined where it was not called: each is a process. */
  byCommand?: boolean
}

/** Every so many tamperings are put to the command too. */
const everyCommand = 8

function exitOf(args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', args, { stdio: 'ignore' })
    child.on('error', reject)
    child.on('close', resolve)
  })
}

/** Whether everybody found it who can, by what the documentation says. */
function isDetected({ named, byVerify, byAudit, byRecipe, byCommand = true }: JudgedTampering): boolean {
  return byVerify && byAudit && byCommand && (byRecipe || named === 'plan')
}

/** Tampers so many times, and expects that all is found but what the documentation names; returns how many of each. */
export async function expectDetected(
  count: number,
  from = 0,
): Promise<{ detected: number; named: number; keyed: number }> {
  const all = await tamperings(Array.from({ length: count }, (_, index) => from + index))
  const detected = all.filter(isDetected)
  expect(all.filter((one) => !isDetected(one) && one.named !== 'after')).toEqual([])
  return {
    detected: detected.length,
    named: all.length - detected.length,
    keyed: detected.filter(({ keyed }) => keyed).length,
  }
}

/** Tampers with a signed run of an approval so many times, each time anew, and says who found it. */
async function tamperings(seeds: readonly number[]): Promise<JudgedTampering[]> {
  const root = mkdtempSync(join(tmpdir(), 'tampered-'))
  const keys = makeKeys()
  const good = join(root, 'good')
  const run = await realRun(good, keys)
  const signers = join(root, 'allowed_signers')
  writeFileSync(signers, allowedSigners(keys))
  const check = checkerOf(trustAt(signers, join(root, 'none')), process.env)
  const isDoubted = async (state: string): Promise<boolean> => {
    const args = ['audit', '--allowed-signers', signers, '--json']
    const { code, stdout } = await runIn(root, args, { RUNBOOK_STATE: state })
    return code !== 0 || !stdout.includes('"verdict": "verified, signed"')
  }
  const one = async (state: string, isCalled: boolean): Promise<Omit<JudgedTampering, keyof Tampering>> => {
    const folder = join(state, 'runs', run)
    const verification = await makeVerify(version, makeKinds())(folder, check)
    const index = readIndex(state)
    const whole = await makeVerify(version, makeKinds())(folder, check, index)
    const listed = auditIndex(state, index).checks.every(({ status }) => status !== 'failed')
    return {
      byVerify: !verification.verified || !verification.signed,
      byAudit: !listed || !whole.verified || !whole.signed,
      byRecipe: (await exitOf([recipe, folder, signers])) !== 0,
      ...(isCalled ? { byCommand: await isDoubted(state) } : {}),
    }
  }
  try {
    expect(await one(good, true), 'the run is good before').toEqual({
      byVerify: false,
      byAudit: false,
      byRecipe: false,
      byCommand: false,
    })
    const judged: JudgedTampering[] = []
    const left = [...seeds]
    const worker = async (): Promise<void> => {
      for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
        const state = join(root, String(seed))
        cpSync(good, state, { recursive: true })
        const made = tamper({ state, run, runnerKey: keys['alice']! }, seed)
        judged.push({ ...made, ...(await one(state, seed % everyCommand === 0)) })
        rmSync(state, { recursive: true })
      }
    }
    await Promise.all([worker(), worker()])
    expect(readdirSync(root)).toEqual(['allowed_signers', 'good'])
    return judged
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
