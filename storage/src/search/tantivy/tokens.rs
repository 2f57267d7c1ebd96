//! Hands the words of a text to the index: all that it can be found by.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::super::words;

#[derive(Clone, Debug, Default)]
pub(super) struct Words;

#[derive(Debug)]
pub(super) struct Offered {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Offered;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Offered {
        Offered { words: words::offered(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for Offered {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
