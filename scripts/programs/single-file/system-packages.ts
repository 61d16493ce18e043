import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runbook } from '../../../runner/commands/index.ts'
import { manPage } from '../../../runner/kit/reference/man-page.ts'
import { withSubprograms } from '../../../runner/kit/subprograms.ts'
import { watched } from '../../../runner/watched.ts'
import { scratchFolder } from '../../../runner/scratch-folder.ts'
import { makeDeb } from '../../lib/packages/deb.ts'
import { makeRpm } from '../../lib/packages/rpm.ts'
import type { PackageOf } from '../../lib/packages/package-of.ts'
import type { Binary } from './make-binary.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

interface SystemPackages {
  root: string
  binary: Binary
  version: string
  /** Of every file, in seconds since 1970. */
  time: number
  /** The folder for the packages. */
  out: string
}

/** Makes the .deb and the .rpm of the single file, for the architecture of this machine. @returns their paths */
export async function makeSystemPackages({
  root,
  binary,
  version,
  time,
  out,
}: SystemPackages): Promise<string[]> {
  using scratch = scratchFolder('packages')
  const work = scratch.path
  const packaged = (path: string): string => readFileSync(join(root, 'packaging', path), 'utf8')
  const of = (name: string): PackageOf & { work: string } => ({
    name: 'runbook',
    version,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    description:
      'Documentation-driven runbooks: the page you read, the procedure you run, the evidence you keep.',
    maintainer: 'The Runbook authors <runbook@localhost>',
    license: 'MIT',
    depends: { deb: 'libc6 (>= 2.28), libstdc++6', rpm: 'glibc >= 2.28, libstdc++' },
    scripts: { installed: packaged('scripts/installed.sh'), removing: packaged('scripts/removing.sh') },
    root: join(work, name),
    out,
    time,
    work,
  })
  const [deb, rpm] = [of('deb-content'), of('rpm-content')]
  const files = await contentOf(root, binary, version, time)
  place(files, deb.root, 'usr/share/zsh/vendor-completions')
  place(files, rpm.root, 'usr/share/zsh/site-functions')
  for (const folder of [deb.root, rpm.root])
    execFileSync('find', [folder, '-exec', 'touch', '-hd', `@${time}`, '{}', '+'])
  const made: string[] = []
  for await (const make of watched([() => makeDeb(deb), () => makeRpm(rpm)], 'packages'))
    made.push(await make())
  return made
}

type Content = Record<string, string | Buffer>

/** Everything in a package by its path, but for the program itself and the completion of zsh. */
async function contentOf(root: string, binary: Binary, version: string, time: number): Promise<Files> {
  const day = new Date(time * 1000).toISOString().slice(0, 10)
  const completion = (shell: string): string =>
    execFileSync(binary.file, ['completion', shell], { encoding: 'utf8' })
  const content = {
    'usr/share/man/man1/runbook.1.gz': gzipSync(manPage(await withSubprograms(runbook), version, day), {
      level: 9,
    }),
    'usr/share/bash-completion/completions/runbook': completion('bash'),
    'usr/share/fish/vendor_completions.d/runbook.fish': completion('fish'),
    ...folderOf(join(root, 'packaging/systemd'), 'usr/lib/systemd/system'),
    ...folderOf(join(root, 'packaging/sysusers.d'), 'usr/lib/sysusers.d'),
    'usr/share/doc/runbook/sbom.cdx.json.gz': gzipSync(JSON.stringify(binary.contents), { level: 9 }),
    'usr/share/doc/runbook/copyright': readFileSync(join(root, 'LICENSE')),
    'usr/share/doc/runbook/THIRD-PARTY-LICENSES.txt.gz': gzipSync(binary.licenses, { level: 9 }),
    'usr/share/doc/runbook/changelog.gz': gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }),
  }
  return { program: binary.file, zsh: completion('zsh'), content }
}

function folderOf(folder: string, target: string): Content {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [`${target}/${name}`, readFileSync(join(folder, name))]),
  )
}

interface Files {
  program: string
  zsh: string
  content: Content
}

function place({ program, zsh, content }: Files, folder: string, zshFolder: string): void {
  for (const [path, data] of Object.entries({ ...content, [`${zshFolder}/_runbook`]: zsh })) {
    const file = join(folder, path)
    makeFolder(dirname(file), 0o755)
    writeFileSync(file, data, { mode: 0o644 })
    chmodSync(file, 0o644)
  }
  const installed = join(folder, 'usr/bin/runbook')
  makeFolder(dirname(installed), 0o755)
  copyFileSync(program, installed)
  chmodSync(installed, 0o755)
}
