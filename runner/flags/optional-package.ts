/**
 * Loads a package that only one provider needs, and that the program installs itself.
 * @throws an error with the command that installs it
 */
export async function optionalPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error(`The package ${name} is not installed. Run \`npm install ${name}\`.`, { cause: error })
  }
}
