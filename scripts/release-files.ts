import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leftOutside } from './package.ts'
import { makeBinary } from './programs/single-file/make-binary.ts'
import { makeSystemPackages } from './programs/single-file/system-packages.ts'

/**
 * `node scripts/release-files.ts [folder]` makes the files of a release for this system: the program as one file, on Linux the
 * .deb and the .rpm, and SHA256SUMS. SOURCE_DATE_EPOCH is the time of everything in them; the same commit gives the
 * same bytes.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const out = resolve(process.argv[2] ?? join(root, 'dist', 'release'))
const time = Number(process.env['SOURCE_DATE_EPOCH'] ?? 0)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const work = join(out, 'work')
const binary = await makeBinary(root, work, leftOutside)
copyFileSync(binary.file, join(out, `runbook-${process.platform}-${process.arch}`))
writeFileSync(join(out, `THIRD-PARTY-LICENSES-${process.platform}-${process.arch}.txt`), binary.licenses)
writeFileSync(
  join(out, `sbom-${process.platform}-${process.arch}.cdx.json`),
  `${JSON.stringify(binary.contents, undefined, 2)}\n`,
)
if (process.platform === 'linux') {
  await makeSystemPackages({ root, binary, version, time, out })
  for (const script of ['install.sh', 'verify-feed.sh'])
    copyFileSync(join(root, 'packaging', script), join(out, script))
}
rmSync(work, { recursive: true, force: true })
const sums = readdirSync(out)
  .toSorted()
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')}  ${name}\n`,
  )
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''))
process.stdout.write(sums.join(''))
