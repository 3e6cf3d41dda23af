/*
 * Copies a pipe into a file, for a stream that is too busy for the daemon, or whose disk does not answer.
 *
 * The file is appended to, so the kernel does not splice into it. Reading and writing in one loop of one thread saves the
 * two wake-ups for each piece that a pool of threads costs, and a disk that hangs holds this process alone.
 */
#ifndef RXSHIM_COPY_H
#define RXSHIM_COPY_H

/*
 * 0 the pipe, not blocking; 1 the file; 2 a pipe for notices; 3 a pipe for commands: `s` asks for a notice once all that has
 * arrived by then is written, its end stops the copy; 4 memory for the progress. Ends after so many milliseconds without output, too.
 * Returns the exit status of the program.
 */
int copy_to_file(int idle_milliseconds);

#endif
