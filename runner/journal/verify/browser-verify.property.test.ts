import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { verifyInBrowser } from './browser-verify.ts'
import { readEvidence } from './read-evidence.ts'
import { verifyEvidence, verifyFolder } from './verify-evidence.ts'
import { attacks, writeAttack } from '../../../test/support/attack/attacks.ts'
import { goodRun } from '../../../test/support/corpus.ts'
import { makeKeys, writeSpecimen } from '../../../test/support/evidence.ts'

const scratch = mkdtempSync(join(tmpdir(), 'browser-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const keys = makeKeys()

async function inBrowser(folder: string) {
  const bytes = (name: string) => {
    const path = join(folder, name)
    return existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined
  }
  const text = (name: string) => bytes(name) && readFileSync(join(folder, name), 'utf8')
  const checks = await verifyInBrowser({
    journal: bytes('run.jsonl') ?? new Uint8Array(),
    plan: bytes('plan.json'),
    document: bytes('document.mdx'),
    head: text('head.json'),
    closing: text('close.json'),
    index: bytes('heads.jsonl'),
    output: async (file) => bytes(file),
  })
  return checks.filter(({ name }) => name !== 'signature')
}

/** Whose key it is, only a program beside the files can know. */
const beyond = ['signature', 'signers']

test('the browser judges good runs as verify does, check for check', async () => {
  for (let seed = 0; seed < 30; seed++) {
    const folder = join(scratch, `good-${seed}`)
    writeSpecimen(goodRun(seed, keys), folder)
    const node = verifyFolder(folder, undefined).checks.filter(({ name }) => !beyond.includes(name))
    expect(await inBrowser(folder)).toEqual(node)
  }
})

test('the browser judges tampered runs as verify does, check for check', async () => {
  for (const [index, attack] of attacks.entries()) {
    const folder = join(scratch, `bad-${index}`)
    writeAttack(folder, attack, keys, index)
    // A page cannot list a folder, so it cannot see a file that is too many.
    const { checks } = verifyEvidence({ ...readEvidence(folder), present: undefined }, undefined)
    const node = checks.filter(({ name }) => !beyond.includes(name))
    expect(await inBrowser(folder), attack.name).toEqual(node)
  }
})

test('nothing the browser loads for it needs Node', () => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    expect(text, file).not.toMatch(/from 'node:|\bBuffer\b|\bprocess\./)
    for (const [, path] of text.matchAll(/^(?:import|export) (?!type)[^;]*? from '(\.[^']+)'/gm))
      visit(join(file, '..', path ?? ''))
  }
  visit(join(import.meta.dirname, 'browser-verify.ts'))
  expect(seen.size).toBeGreaterThan(8)
})
