import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { checkerOf, trustIn } from '../../../runner/engine/sign/trust.ts'
import { verifyFolder } from '../../../runner/journal/verify/verify-evidence.ts'
import { attacks, writeAttack } from './attacks.ts'
import { goodRun } from '../corpus.ts'
import { makeKeys, writeSpecimen } from '../evidence.ts'
import { forgeries } from './forgeries.ts'

const recipe = resolve(import.meta.dirname, '../../../runner/journal/recipe/verify.sh')

/** Judges folders by the recipe, in as many shells as there are cores for; the exit code by folder. */
async function byRecipe(root: string, names: readonly string[]): Promise<Map<string, number>> {
  const loop = `for name in "$@"; do sh "$0" "$name" > /dev/null 2>&1; echo "$name $?"; done`
  const half = Math.ceil(names.length / 2)
  const parts = [names.slice(0, half), names.slice(half)]
  const texts = await Promise.all(parts.map((part) => output('sh', ['-c', loop, recipe, ...part], root)))
  const lines = texts.join('').trim().split('\n')
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]))
}

function output(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
    child.on('error', reject)
    child.on('close', () => done(text))
  })
}

/**
 * Makes good runs, each attack so many times over, and every so many of the forged decisions. The recipe and `verify`
 * must accept each good run and refuse all others. A failure names the run by its attack.
 */
export async function expectAgreement(good: number, rounds: number, every = 1): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'agreement-'))
  const named: string[] = []
  const folderOf = (name: string): string => {
    named.push(name.replaceAll(/[^\w-]+/gu, '-'))
    return join(root, named.at(-1) ?? '')
  }
  try {
    const keys = makeKeys()
    for (let seed = 0; seed < good; seed++)
      writeSpecimen(goodRun(seed + 5000, keys), folderOf(`good-${seed}`))
    for (let round = 0; round < rounds; round++)
      for (const [index, attack] of attacks.entries())
        writeAttack(
          folderOf(`attack-${round}-${index}-${attack.name}`),
          attack,
          keys,
          10_000 + round * 1000 + index,
        )
    for (const [index, { name, specimen }] of forgeries(keys).entries())
      if (index % every === 0) writeSpecimen(specimen, folderOf(`forgery-${index}-${name}`))
    const wanted = new Map(named.toSorted().map((name) => [name, name.startsWith('good-') ? 0 : 1]))
    const byNode = [...wanted.keys()].map((name): [string, number] => {
      const folder = join(root, name)
      return [name, verifyFolder(folder, checkerOf(trustIn(folder), process.env)).verified ? 0 : 1]
    })
    expect(new Map(byNode), 'by verify').toEqual(wanted)
    expect(await byRecipe(root, [...wanted.keys()]), 'by the recipe').toEqual(wanted)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
