import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder } from '../../../runner/make-folder.ts'

const manifestOf = (root: string): string => join(root, 'package.json')
/** Where the manifest of the repository is while another is in its place. */
const keptOf = (root: string): string => join(root, 'dist', 'package.json')

/**
 * Puts a manifest in the place of the repository's, for `npm pack` whose script this process is. npm calls no script after a pack that failed
 * or was interrupted, so a process of its own waits for the end of npm and puts ours back.
 */
export function replaceManifest(root: string, shipped: object): void {
  makeFolder(dirname(keptOf(root)), 0o777)
  copyFileSync(manifestOf(root), keptOf(root))
  const program = fileURLToPath(new URL('put-back-manifest.ts', import.meta.url))
  spawn(process.execPath, [program, root, String(npmProcess())], { detached: true, stdio: 'ignore' }).unref()
  writeFileSync(manifestOf(root), `${JSON.stringify(shipped, undefined, 2)}\n`)
}

/** Puts the manifest of the repository back, where another is in its place; whether one was. */
export function restoreManifest(root: string): boolean {
  if (!existsSync(keptOf(root))) return false
  renameSync(keptOf(root), manifestOf(root))
  return true
}

/** Whether another manifest is in the place of the repository's. */
export function isReplaced(root: string): boolean {
  return existsSync(keptOf(root))
}

/** npm, which calls a script with `sh -c`. Some shells stay between the two, others become the script. */
function npmProcess(): number {
  const [, above, call = ''] = /^\s*(\d+)\s+(.*)/.exec(processLine(process.ppid)) ?? []
  return /^\S*sh -c /.test(call) ? Number(above) : process.ppid
}

function processLine(pid: number): string {
  return execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' })
}
