import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import type { Config } from '../../../config.ts'
import { hasStore, openStore } from '../../serve/hub/open-store.ts'
import { readAudit } from '../../serve/hub/audit.ts'
import { openWorkspace } from '../../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { who, about, last = Infinity } = options
  const { lines, problems } = hasStore(config) ? await readKept(config) : { lines: [], problems: [] }
  const chosen = lines
    .filter((line) => who === undefined || line.who === who)
    .filter((line) => about === undefined || line.about === about)
    .slice(-last)
  if (io.json) io.out(JSON.stringify({ lines: chosen, problems }, undefined, 2))
  else {
    for (const { at, who: person, proof, by, act, about: of, outcome, from } of chosen)
      io.out(printable([at, person, `${proof} ${by}`, act, of || '-', outcome, from].join('  ')))
    if (chosen.length === 0) io.say('The audit has no such line.')
    for (const problem of problems) io.say(`${io.style('red', '✗')} ${printable(problem)}`)
  }
  return problems.length === 0 ? exit.done : exit.failed
}

async function readKept(config: Config): Promise<ReturnType<typeof readAudit>> {
  const { store, close } = await openStore(config)
  try {
    return readAudit(await store.audit())
  } finally {
    await close()
  }
}
