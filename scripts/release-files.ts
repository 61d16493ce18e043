import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineCommand, defineProgram, optional } from '../runner/kit/command.ts'
import { runProgram } from '../runner/kit/program.ts'
import { withProgress } from '../runner/kit/progress.ts'
import { replaceFolder } from '../runner/kit/replace-folder.ts'
import { filePath } from '../runner/kit/types.ts'
import { leftOutside } from './package.ts'
import { makeBinary } from './programs/single-file/make-binary.ts'
import { makeSystemPackages } from './programs/single-file/system-packages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const here = `${process.platform}-${process.arch}`

const make = defineCommand({
  name: 'make',
  summary:
    'Make the files of a release for this system: the program as one file, on Linux the .deb and the .rpm, and SHA256SUMS. SOURCE_DATE_EPOCH is the time of everything in them; the same commit gives the same bytes.',
  args: {
    folder: optional(filePath('folder'), 'Where the files go; without it dist/release of the repository.'),
  },
  options: {},
  effect: 'write',
  examples: ['node scripts/release-files.ts dist/rebuilt'],
  interrupted: 'The files of an earlier call are as they were.',
  async run({ io, args, dryRun }) {
    const out = resolve(args.folder ?? join(root, 'dist', 'release'))
    if (dryRun) return { document: { ok: true, dryRun, folder: out }, text: `$ would make ${out}\n` }
    await withProgress(io, 'Making the files …', () => replaceFolder(out, ['SHA256SUMS'], writeFiles))
    return { document: { ok: true, folder: out }, text: readFileSync(join(out, 'SHA256SUMS'), 'utf8') }
  },
})

async function writeFiles(out: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const time = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0)
  const work = join(out, 'work')
  const binary = await makeBinary(root, work, leftOutside)
  copyFileSync(binary.file, join(out, `runbook-${here}`))
  writeFileSync(join(out, `THIRD-PARTY-LICENSES-${here}.txt`), binary.licenses)
  writeFileSync(join(out, `sbom-${here}.cdx.json`), `${JSON.stringify(binary.contents, undefined, 2)}\n`)
  if (process.platform === 'linux') {
    await makeSystemPackages({ root, binary, version, time, out })
    for (const script of ['install.sh', 'verify-feed.sh'])
      copyFileSync(join(root, 'packaging', script), join(out, script))
  }
  rmSync(work, { recursive: true, force: true })
  const sums = readdirSync(out)
    .toSorted()
    .map((name) => `${sha256(join(out, name))}  ${name}\n`)
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''))
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

await runProgram(
  defineProgram({
    name: 'node scripts/release-files.ts',
    summary: 'Make the files of a release.',
    commands: [make],
    fallback: 'make',
  }),
)
