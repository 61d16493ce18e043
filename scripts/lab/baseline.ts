import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from '../build.ts'
import { git } from '../lib/git.ts'
import { STOREFRONT, type StorefrontVersion } from './service/storefront-files.ts'
import { makeFolder } from '../../runner/make-folder.ts'

const BASELINE = '1.3.0'

/** The repository of the product inside the lab's folder. */
function storefrontDir(dir: string): string {
  return join(dir, 'storefront')
}

/** The artifact of the release that blue starts with; built when it is not there. */
export async function baselineArtifact(dir: string): Promise<string> {
  const built = await build({
    repository: storefrontDir(dir),
    version: BASELINE,
    ref: `v${BASELINE}`,
    out: join(dir, 'artifacts'),
  })
  return built.folder
}

/** Creates the product repository when it is absent; an existing one is unchanged. Returns true when it was created. */
export async function prepareStorefront(dir: string): Promise<boolean> {
  const target = storefrontDir(dir)
  if (existsSync(target)) return false
  // Complete or absent: a start that is cut off must not leave half a repository.
  const temporary = join(dir, '.storefront.tmp')
  await rm(temporary, { recursive: true, force: true })
  try {
    await createRepository(temporary)
    await rename(temporary, target)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return true
}

async function createRepository(folder: string): Promise<void> {
  makeFolder(folder, 0o777)
  await git(folder, ['init', '--quiet', '--template=', '--initial-branch=main'])
  const settings = {
    'user.name': 'Lab',
    'user.email': 'lab@example.invalid',
    'commit.gpgSign': 'false',
    'tag.gpgSign': 'false',
    'core.autocrlf': 'false',
    'core.hooksPath': '.git/hooks',
  }
  for (const [name, value] of Object.entries(settings)) await git(folder, ['config', name, value])
  for (const [index, version] of STOREFRONT.entries())
    await commitVersion(folder, version, index < STOREFRONT.length - 1)
}

async function commitVersion(
  folder: string,
  { version, date, message, files }: StorefrontVersion,
  tagged: boolean,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    makeFolder(dirname(join(folder, name)), 0o777)
    await writeFile(join(folder, name), content)
  }
  const when = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
  await git(folder, ['add', '--all'])
  await git(folder, ['commit', '--quiet', '--message', `${message}\n\nPrepares ${version}.`], when)
  if (tagged) await git(folder, ['tag', '--annotate', `v${version}`, '--message', `Release ${version}`], when)
}
