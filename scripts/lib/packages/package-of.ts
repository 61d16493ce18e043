/** Longest time for one package, in milliseconds: xz takes minutes for a hundred megabytes on a busy machine. */
export const compressionMs = 3_600_000

/** A package for Linux, made of a folder whose content goes to `/`. */
export interface PackageOf {
  /** Lower case, digits, `+`, `-` and `.`. */
  name: string
  /** As in package.json, such as `1.4.0-rc.1`. */
  version: string
  architecture: 'any' | 'x64' | 'arm64'
  /** One line. */
  description: string
  /** A name, with an address in angle brackets. */
  maintainer: string
  license: string
  homepage?: string | undefined
  /** Packages of the system that it needs, as each form writes them. Default: none. */
  depends?: { deb: string; rpm: string }
  /** Shell scripts that run after an installation or an upgrade, and before a removal or an upgrade. Default: none. */
  scripts?: { installed: string; removing: string }
  /** The folder; a .deb gets its `DEBIAN` there. */
  root: string
  /** The folder for the package. */
  out: string
  /** The time of every file, in seconds since 1970. */
  time: number
}
