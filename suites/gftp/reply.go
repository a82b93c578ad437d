package gftp

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"
	"github.com/passiveftp/pasv/probe"
)

// matcher is a predicate on one type with words for what it expects.
type matcher[A any] struct {
	expectation string
	match       func(A) bool
	show        func(A) string
}

func (m matcher[A]) Match(actual any) (bool, error) {
	a, ok := actual.(A)
	if !ok {
		return false, fmt.Errorf("expected a %T, got a %T", a, actual)
	}
	return m.match(a), nil
}

func (m matcher[A]) FailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nto have\n    %s", m.show(actual.(A)), m.expectation)
}

func (m matcher[A]) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nnot to have\n    %s", m.show(actual.(A)), m.expectation)
}

// Expectation is what is expected, in a few words.
func (m matcher[A]) Expectation() string { return m.expectation }

func replyMatcher(expectation string, match func(probe.Reply) bool) types.GomegaMatcher {
	return matcher[probe.Reply]{expectation, match, probe.Reply.String}
}

// HaveReplyCode matches a reply with one of the codes.
func HaveReplyCode(codes ...int) types.GomegaMatcher {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = fmt.Sprint(c)
	}
	return replyMatcher("reply code "+strings.Join(words, " or "), func(r probe.Reply) bool {
		for _, c := range codes {
			if r.Code == c {
				return true
			}
		}
		return false
	})
}

// BeSingleLine matches a reply of one line.
func BeSingleLine() types.GomegaMatcher {
	return replyMatcher("a reply of one line", func(r probe.Reply) bool { return !r.Multiline() })
}
