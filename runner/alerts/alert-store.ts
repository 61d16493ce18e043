import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Proposal } from './proposal.ts'
import type { Alert } from './webhook.ts'
import { writeWhole, writeWholeMeanwhile } from '../write-whole.ts'
import { makeFolder } from '../make-folder.ts'

/** An alert that was received, and what became of it. */
export interface StoredAlert {
  format: 1
  fingerprint: string
  alert: Alert
  /** When it was first and last heard of, and how often: Alertmanager repeats itself. */
  firstAt: string
  lastAt: string
  times: number
  /** The run it asks for; undefined when no runbook is for it. */
  proposal?: Proposal
  /** Why there is no proposal, or which values do not fit. */
  problems: string[]
  /** The run of the reading steps that was made at once. */
  diagnosis?: { run: string; status: string }
  /** The run that was started for it. */
  taken?: { run: string; by: string; at: string }
}

function alertsFolder(state: string): string {
  return join(state, 'alerts')
}

/** The path of an alert. Its name is hexadecimal and nothing else, whatever was sent. */
function pathOf(state: string, fingerprint: string): string {
  if (!/^[0-9a-f]{8,64}$/.test(fingerprint)) throw new TypeError('A fingerprint is hexadecimal')
  return join(alertsFolder(state), `${fingerprint}.json`)
}

export function readStoredAlert(state: string, fingerprint: string): StoredAlert | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(state, fingerprint.toLowerCase()), 'utf8')) as StoredAlert
  } catch {
    return undefined
  }
}

/** The fingerprint of every alert that was received. */
export function storedFingerprints(state: string): string[] {
  const folder = alertsFolder(state)
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => /^([0-9a-f]{8,64})\.json$/.exec(name)?.[1] ?? [])
}

/** Every alert that was received, newest first. */
export function listStoredAlerts(state: string): StoredAlert[] {
  return storedFingerprints(state)
    .flatMap((fingerprint) => readStoredAlert(state, fingerprint) ?? [])
    .toSorted((a, b) => (a.lastAt < b.lastAt ? 1 : -1))
}

/** How many alerts are written at a time: each waits for the disk. */
const atOnce = 16

/** Writes alerts, each as `writeStoredAlert` does, while the program goes on with other work. */
export async function writeStoredAlerts(state: string, all: readonly StoredAlert[]): Promise<void> {
  makeFolder(alertsFolder(state))
  for (let at = 0; at < all.length; at += atOnce)
    await Promise.all(
      all
        .slice(at, at + atOnce)
        .map((stored) => writeWholeMeanwhile(pathOf(state, stored.fingerprint), textOf(stored))),
    )
}

/** A reader never sees half an alert. */
export function writeStoredAlert(state: string, stored: StoredAlert): void {
  makeFolder(alertsFolder(state))
  writeWhole(pathOf(state, stored.fingerprint), textOf(stored))
}

function textOf(stored: StoredAlert): string {
  return `${JSON.stringify(stored, undefined, 2)}\n`
}

/** Whether it still waits for a run. */
export function isProposed({ alert, proposal, taken }: StoredAlert): boolean {
  return alert.status === 'firing' && proposal !== undefined && taken === undefined
}
