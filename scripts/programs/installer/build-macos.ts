import { join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { watched } from '../../../runner/watched.ts'
import { endOf, runTool } from '../../lib/tool.ts'
import type { Made } from './build-windows.ts'
import { isThere, place } from './installer-record.ts'
import { macosCommands } from './macos-commands.ts'
import { type Payload, unpack } from './payload.ts'
import { withStage } from './stage.ts'
import { lastLine } from '../../../runner/model/last-line.ts'

/** The file name of a disk image. A substitute says that it is one. */
export function macosName({ title, version }: Payload, substitute: boolean): string {
  return `${title.replaceAll(' ', '-')}-${version}${substitute ? '.unsigned' : ''}.dmg`
}

/** The bundles of a payload: folders at its top that end with `.app`. */
export function appsOf({ files }: Payload): string[] {
  return [...new Set(files.flatMap(({ path }) => /^[^/]+\.app(?=\/)/.exec(path)?.[0] ?? []))]
}

/** Makes a disk image with the programs of macOS: signed, and notarized unless that is left out. Only there. */
export async function buildMacos(
  payload: Payload,
  {
    notarize,
    folder,
    env,
  }: { notarize: boolean; folder: string; env: Readonly<Record<string, string | undefined>> },
): Promise<Made> {
  const name = macosName(payload, false)
  const as = { signed: true, notarized: notarize, rehearsal: false, substitute: false }
  const there = await isThere(join(folder, name), payload, as)
  if (there !== undefined) return { record: there, isNew: false, refused: [] }
  return await withStage(async (stage) => {
    const files = join(stage, 'files')
    const image = join(stage, name)
    await unpack(payload, files)
    const commands = macosCommands({
      title: payload.title,
      stage: files,
      apps: appsOf(payload),
      image,
      notarize,
    })
    for await (const { argv, says } of watched(commands, 'commands')) {
      const [program = '', ...args] = argv.map((word) =>
        word.replace(/^\$([A-Z_]+)$/, (_, variable: string) => env[variable] ?? ''),
      )
      const { code, stdout, stderr } = await endOf(program, args, { limitMs: 3_600_000 })
      const said = `${stdout}\n${stderr}`
      if (code !== 0 || says?.test(said) === false)
        throw new CliError(
          exit.failed,
          `${argv.slice(0, 2).join(' ')} did not accept ${name}: ${lastLine(said)}`,
          'Nothing was put into the folder. The line above is its own.',
        )
    }
    const record = await place(image, folder, payload, { platform: 'macos', ...as })
    return { record, isNew: true, refused: [] }
  })
}

/** Makes an image of ISO 9660 in the place of a disk image. It is not signed, and Gatekeeper refuses it. */
export async function buildSubstitute(payload: Payload, folder: string): Promise<Made> {
  const name = macosName(payload, true)
  const as = { signed: false, notarized: false, rehearsal: false, substitute: true }
  const there = await isThere(join(folder, name), payload, as)
  if (there !== undefined) return { record: there, isNew: false, refused: [] }
  return await withStage(async (stage) => {
    const files = join(stage, 'files')
    await unpack(payload, files)
    const image = join(stage, name)
    const volume = payload.title.slice(0, 32)
    await runTool(
      'genisoimage',
      ['-quiet', '-V', volume, '-D', '-R', '-apple', '-no-pad', '-o', image, files],
      {
        env: { SOURCE_DATE_EPOCH: String(payload.time) },
      },
    )
    const record = await place(image, folder, payload, { platform: 'macos', ...as })
    return { record, isNew: true, refused: [] }
  })
}
