// Package catalog puts the areas of requirements in order, finds a requirement
// by its ID and selects some by a label filter.
//
// It knows the requirements and runs none.
package catalog
