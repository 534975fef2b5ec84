using NativeCnn.Backends.Operations;
using NativeCnn.Layers;

namespace NativeCnn.Networks.Compilation;

/// <summary>
/// At inference, where what is made of parameters is kept: finds the calls that read parameters alone, or what such
/// calls wrote, and has them run only after a parameter changed.
/// </summary>
internal static class Preparation
{
    public static void Run(NetworkProgram program)
    {
        // What several calls write, such as sums, is not what the first of them left.
        HashSet<Symbol> writtenAgain =
        [
            .. program
                .Forward.SelectMany(Written)
                .GroupBy(symbol => symbol)
                .Where(g => g.Count() > 1)
                .Select(g => g.Key),
        ];
        foreach (OperationCall call in program.Forward)
        {
            if (!ReadsParametersAlone(call) || Written(call).Any(writtenAgain.Contains))
                continue;
            foreach (Symbol symbol in Written(call))
                symbol.Keep();
            call.KeepResults();
        }
    }

    private static bool ReadsParametersAlone(OperationCall call)
    {
        Operation operation = call.Operation;
        bool readsAny = false;
        foreach ((Symbol? symbol, Operand declared) in call.Operands.Zip(operation.Operands))
        {
            if (symbol is null)
                continue;
            SymbolHome home = symbol.Root.Home;
            bool fits = declared.Role switch
            {
                OperandRole.Read => home is SymbolHome.Parameter or SymbolHome.Prepared,
                OperandRole.Overwritten => home == SymbolHome.Arena,
                _ => false,
            };
            if (!fits)
                return false;
            readsAny |= declared.Role == OperandRole.Read;
        }
        return readsAny && operation.Scalars.Count == 0;
    }

    private static IEnumerable<Symbol> Written(OperationCall call) =>
        call
            .Operands.Zip(call.Operation.Operands)
            .Where(pair => pair.First is not null && pair.Second.Role != OperandRole.Read)
            .Select(pair => pair.First!.Root);
}
