import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { makePlan } from '../../../runner/engine/plan/make-plan.ts'
import { namespaces } from '../../../runner/journal/verify/evidence.ts'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import { kinds } from '../../../runner/kinds/all.ts'
import { version } from '../../../runner/kit/version.ts'
import { readRunbook } from '../../../runner/model/read-runbook.ts'
import type { JsonObject } from '../../../runner/model/values/json.ts'
import {
  allowedSigners,
  decide,
  entry,
  outputData,
  people,
  requestFact,
  start,
  startFact,
  writeSpecimen,
} from '../evidence.ts'
import type { Keys, Specimen } from '../evidence.ts'
import { releaseSteps } from '../signing.ts'
import { makeKinds } from '../../../runner/kinds/index.ts'
import { page } from '../workspace.ts'

const document = page(releaseSteps, 'inputs:\n  version: { type: semver, default: 1.4.0 }\n')

/** A state folder with one signed run whose plan is made from its document; the run's id. */
export async function realRun(state: string, keys: Keys): Promise<string> {
  const run = '20261121-090000-release-real'
  const bytes = Buffer.from(document)
  const { runbook } = readRunbook({ slug: 'release', file: 'content/runbooks/release.mdx', bytes }, kinds)
  if (!runbook) throw new Error('The document of the run has errors')
  const inputs = { values: { version: '1.4.0' }, secrets: {}, missing: [], problems: [] }
  const { plan } = await makePlan(runbook, inputs, makeKinds())
  const others = ['opened', 'head', 'removed'].map((type, index) =>
    entry(
      { run: 'earlier', slug: 'release', type, size: 1, sha256: sha256('e'), final: index > 0, by: 'x' },
      start - 60_000 + index,
    ),
  )
  const specimen: Specimen = {
    run,
    plan,
    document,
    files: {},
    facts: [],
    signers: allowedSigners(keys),
    before: others,
    signing: { by: people.alice, key: keys['alice']!, namespace: namespaces.head },
  }
  play(specimen, keys)
  const folder = join(state, 'runs', run)
  writeSpecimen(specimen, folder)
  renameSync(join(folder, 'heads.jsonl'), join(state, 'heads.jsonl'))
  return run
}

function play(specimen: Specimen, keys: Keys): void {
  let at = start
  const tell = (type: Specimen['facts'][number]['type'], key: string, data: JsonObject): void => {
    specimen.facts.push({ ts: (at += 100), type, key, by: people.alice, data })
  }
  const first = startFact(specimen, people.alice, at)
  specimen.facts.push({ ...first, data: { ...first.data, version } })
  for (const { id, kind, effect, title } of specimen.plan.steps) {
    tell('step-started', `${id}#1`, { kind, effect, title })
    if (kind === 'approval') {
      specimen.facts.push(requestFact(specimen.plan, `${id}/1`, people.alice, (at += 100)))
      specimen.facts.push(decide(specimen, `${id}/1`, { by: people.bob, key: keys['bob'], at: (at += 100) }))
      at += 100
      tell('step-ended', `${id}#1`, { status: 'passed', message: 'approved', outputs: {}, data: {} })
    } else tell('step-ended', `${id}#1`, outputData(specimen, `steps/${id}.1.stdout`, `${id} done\n`))
    tell('step-finished', id, { status: 'passed', message: 'done', outputs: {} })
  }
  tell('run-ended', '', { status: 'succeeded', message: 'All steps are done', step: '' })
}
