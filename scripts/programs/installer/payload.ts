import { createHash } from 'node:crypto'
import { readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import * as z from 'zod'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { readProduct } from '../../domain/product.ts'
import { git } from '../../lib/git.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

/** A file that an installer installs. */
export interface PayloadFile {
  /** Relative, with forward slashes. */
  path: string
  content: Buffer
  executable: boolean
}

/** The files that an installer installs, and how it names them. */
export interface Payload {
  /** As file names and packages have it: lower case. */
  name: string
  /** As people read it, such as `WireTuner`. */
  title: string
  version: string
  publisher: string
  description: string
  license: string
  homepage: string | undefined
  commit: string
  /** The time of its commit, in seconds since 1970: that of every file that is installed. */
  time: number
  files: PayloadFile[]
  /** SHA-256 of all of the above: two installers with the same one install the same. */
  contents: string
}

export interface PayloadRequest {
  repository: string
  ref: string
  version: string
  /** A folder that a build of the product's own has made, in the place of its committed `src/`. */
  payload: string | undefined
  title: string | undefined
  publisher: string | undefined
}

const person = z.union([
  z.string(),
  z.object({ name: z.string(), email: z.string().optional() }).transform(({ name, email }) => {
    return email === undefined ? name : `${name} <${email}>`
  }),
])

const manifest = z.object({
  productName: z.string().optional(),
  description: z.string().optional(),
  license: z.string().optional(),
  homepage: z.url().optional(),
  author: person.optional(),
})

/** A title is part of file names, of paths on Windows and of the scripts of installers. */
const TITLE = /^[\p{L}\p{N}][\p{L}\p{N} ._+-]{0,60}$/u
/** Characters that a path of Windows, or the script of an installer, cannot hold. */
const UNSAFE = /[\p{Cc}<>:"|?*\\`$]/u

/** Reads what is to be installed from a commit, and from a folder where the product has a build of its own. @throws {CliError} */
export async function readPayload(request: PayloadRequest): Promise<Payload> {
  const { repository, ref, version } = request
  const product = await readProduct(repository, ref)
  if (product.version !== version)
    throw new CliError(
      exit.failed,
      `Version ${version} cannot be packed from ${ref}: package.json says ${product.version} there`,
      'Give the version of the commit, or the commit of the version.',
    )
  const packageJson = product.files.find(({ name }) => name === 'package.json')
  const about = manifest.safeParse(JSON.parse(packageJson?.content.toString('utf8') ?? '{}')).data ?? {}
  const title = request.title ?? about.productName ?? product.name
  if (!TITLE.test(title))
    throw new CliError(
      exit.usage,
      `\`${title}\` cannot be the title of an installer: expected letters, digits, spaces and . _ + -`,
      'Give another with --title.',
    )
  const files =
    request.payload === undefined
      ? product.files.map(({ name, content }) => ({ path: name, content, executable: false }))
      : await filesOf(request.payload)
  for (const { path } of files)
    if (UNSAFE.test(path))
      throw new CliError(
        exit.failed,
        `${JSON.stringify(path)} cannot be installed: its name has a character that Windows refuses`,
        'Rename the file.',
      )
  const payload = {
    name: product.name.toLowerCase(),
    title,
    version,
    publisher: request.publisher ?? (about.author ?? title).replace(/\s*<.*$/, ''),
    description: about.description ?? title,
    license: about.license ?? 'Proprietary',
    homepage: about.homepage,
    commit: product.commit,
    time: Number(await git(repository, ['show', '--no-patch', '--format=%ct', product.commit])),
  }
  return { ...payload, files, contents: digestOf(payload, files) }
}

async function filesOf(folder: string): Promise<PayloadFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new CliError(exit.failed, `${folder} is not a folder that can be read`, 'Build the product first.')
  })
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory())
  if (odd !== undefined)
    throw new CliError(
      exit.failed,
      `${join(odd.parentPath, odd.name)} is neither a file nor a folder, and installers hold only these`,
      'Put the file itself there.',
    )
  const paths = entries.filter((entry) => entry.isFile()).map((one) => join(one.parentPath, one.name))
  if (paths.length === 0)
    throw new CliError(exit.failed, `${folder} has no files to install`, 'Build the product first.')
  return await Promise.all(
    paths.toSorted().map(async (path) => ({
      path: relative(folder, path).split(sep).join('/'),
      content: await readFile(path),
      executable: ((await stat(path)).mode & 0o111) !== 0,
    })),
  )
}

function digestOf(about: object, files: readonly PayloadFile[]): string {
  const hash = createHash('sha256').update(JSON.stringify(about))
  for (const { path, content, executable } of files)
    hash.update(`\0${path}\0${executable}\0${content.length}\0`).update(content)
  return hash.digest('hex')
}

/** Writes the files below a folder, with the time of the commit. */
export async function unpack({ files, time }: Payload, folder: string): Promise<void> {
  for (const { path, content, executable } of files) {
    const file = join(folder, path)
    makeFolder(dirname(file), 0o777)
    await writeFile(file, content, { mode: executable ? 0o755 : 0o644 })
    await utimes(file, time, time)
  }
}
