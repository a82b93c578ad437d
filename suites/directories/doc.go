// Package directories holds the requirements on directories and names: CWD, PWD, MKD, RMD, renaming, LIST and NLST.
package directories
