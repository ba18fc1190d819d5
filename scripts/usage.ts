/** Ends a script whose command line cannot be understood, as the commands of the software do. */
export function usage(text: string): never {
  console.error(text)
  process.exit(2)
}
