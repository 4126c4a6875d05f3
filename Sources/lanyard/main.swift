import Glibc

// The exit statuses are those of `ExitStatus` in ControlAPI.
exit(await Program.run(CommandWords.ofProcess()))
