// Package extended holds the requirements on extended passive mode (EPSV): the 229 reply, its arguments, EPSV ALL.
package extended
