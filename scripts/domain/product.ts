import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { contentsOf, git, gitBytes } from '../lib/git.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { compareText } from '../../runner/model/compare-text.ts'
import { watched } from '../../runner/watched.ts'

/** A file as it goes into the artifact. */
interface ProductFile {
  name: string
  content: Buffer
}

/** The product at one commit, ready to be written. */
export interface Product {
  /** As in package.json, without an `@` and with `-` for `/`: it is part of file names. */
  name: string
  version: string
  /** Whether package.json keeps it out of registries. */
  isPrivate: boolean
  commit: string
  files: ProductFile[]
}

/**
 * Reads the product from what is committed, never from the work tree, so that the commit in the metadata is the truth.
 * `src/` becomes `public/`, `%VERSION%` and `%COMMIT%` are filled in HTML, and package.json is copied.
 * @param ref a commit, tag or branch
 * @throws {CliError} when the repository, the ref, package.json or src/ cannot be read
 */
export async function readProduct(repository: string, ref: string): Promise<Product> {
  const commit = await commitOf(repository, ref)
  const packageJson = await gitBytes(repository, ['cat-file', 'blob', `${commit}:package.json`])
  const { name: product, version, isPrivate } = manifestOf(packageJson, repository)
  const listed = (await git(repository, ['ls-tree', '-r', '-z', '--full-tree', commit, 'src/']))
    .split('\0')
    .flatMap((line) => {
      const [, id, name] = /^\d+ \w+ (\w+)\t(.*)$/s.exec(line) ?? []
      return id === undefined || name === undefined ? [] : [{ id, name }]
    })
  if (listed.length === 0)
    throw new CliError(
      exit.failed,
      `${repository} has nothing to build at ${ref}: there are no committed files in src/`,
      'Commit them, or give another --ref.',
    )
  const files: ProductFile[] = [{ name: 'package.json', content: packageJson }]
  const ids = listed.map(({ id }) => id)
  const contents = contentsOf(repository, ids)
  for await (const { name } of watched(listed, 'files read')) {
    const { value: content } = await contents.next()
    if (content === undefined) break
    files.push({
      name: `public/${name.slice('src/'.length)}`,
      content: name.endsWith('.html') ? fill(content, version, commit) : content,
    })
  }
  return {
    name: product,
    version,
    isPrivate,
    commit,
    files: files.toSorted((a, b) => compareText(a.name, b.name)),
  }
}

/** The full hash of a commit, tag or branch. @throws {CliError} when the repository does not have it */
export async function commitOf(repository: string, ref: string): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
  return await git(repository, args).catch(() => {
    throw new CliError(
      exit.failed,
      `${ref} is not a commit of ${repository}: git could not resolve it there`,
      'Check --repository, and --ref with git tag or git log.',
    )
  })
}

/** True when the work tree has changes that no commit has. */
export async function hasUncommitted(repository: string): Promise<boolean> {
  return (await git(repository, ['status', '--porcelain'])) !== ''
}

function manifestOf(
  packageJson: Buffer,
  repository: string,
): Pick<Product, 'name' | 'version' | 'isPrivate'> {
  const value = jsonOf(packageJson)
  const { name, version } = isRecord(value) ? value : {}
  if (isRecord(value) && typeof version === 'string' && typeof name === 'string' && NAME.test(name))
    return { name: name.replace('@', '').replace('/', '-'), version, isPrivate: value['private'] === true }
  throw new CliError(
    exit.failed,
    `package.json of ${repository} does not name the product: expected a JSON object with "name" and "version"`,
    'Add both and commit.',
  )
}

/** A package's name as npm takes it; nothing in it leaves a folder. */
const NAME = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/

function jsonOf(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'))
  } catch {
    return undefined
  }
}

function fill(content: Buffer, version: string, commit: string): Buffer {
  return Buffer.from(
    content.toString('utf8').replaceAll('%VERSION%', version).replaceAll('%COMMIT%', commit.slice(0, 12)),
  )
}
